import { messageOf, parseMoment } from "#base";
import type { Command, Invocation } from "./command.ts";
import { bool, type FlagValues, text } from "./flag.ts";
import { copyFrames } from "./stream-session.ts";

export const logsCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER",
  summary: "Fetch the logs of a container",
  aliases: ["container logs", "logs"],
  args: { min: 1, max: 1 },
  flags: [
    bool("details", "Show extra details provided to logs"),
    bool("follow", "Follow log output", { short: "f" }),
    text("since", 'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)'),
    text("tail", "Number of lines to show from the end of the logs", { short: "n", fallback: "all" }),
    bool("timestamps", "Show timestamps", { short: "t" }),
    text("until", 'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)'),
  ],
  run: logs,
};

async function logs({ flags, args, client, stdout, stderr }: Invocation): Promise<number> {
  const [container = ""] = args;
  const reply = await client.containers.logs(container, {
    follow: flags.bool("follow"),
    timestamps: flags.bool("timestamps"),
    details: flags.bool("details"),
    tail: flags.text("tail"),
    ...moment(flags, "since"),
    ...moment(flags, "until"),
  });
  if (await isRaw(reply.headers.get("content-type") ?? "", () => client.containers.inspect(container))) {
    for await (const chunk of reply.body) await stdout.write(chunk);
  } else {
    await copyFrames(reply.body, { stdout, stderr });
  }
  return 0;
}

/** A limit by its flag's name, nothing where it is not given. @throws Error in Docker's words, which name the flag here and not in events */
function moment(flags: FlagValues, name: "since" | "until"): Readonly<Record<string, string>> {
  const given = flags.text(name);
  if (given === "") return {};
  try {
    return { [name]: parseMoment(given) };
  } catch (error) {
    throw new Error(`invalid value for "${name}": ${messageOf(error)}`, { cause: error });
  }
}

/** Whether the body is a terminal's bytes: its type says so since API 1.42, before that only the container does. */
export async function isRaw(type: string, inspect: () => Promise<{ readonly Config: { readonly Tty: boolean } }>): Promise<boolean> {
  if (type.includes("multiplexed-stream")) return false;
  return (await inspect()).Config.Tty;
}
