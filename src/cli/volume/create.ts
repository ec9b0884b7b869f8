import type { Command, Invocation } from "../command.ts";
import { list, text } from "../flag.ts";

export const volumeCreateCommand: Command = {
  synopsis: "[OPTIONS] [VOLUME]",
  summary: "Create a volume",
  args: { min: 0, max: 1 },
  missing: [
    "availability",
    "group",
    "limit-bytes",
    "required-bytes",
    "scope",
    "secret",
    "sharing",
    "topology-preferred",
    "topology-required",
    "type",
  ],
  flags: [
    text("driver", "Specify volume driver name", { short: "d", fallback: "local" }),
    list("label", "Set metadata for a volume"),
    list("opt", "Set driver specific options", { short: "o" }),
    text("name", "Specify volume name", { hidden: true }),
  ],
  run: create,
};

async function create({ flags, args, client, stdout }: Invocation): Promise<number> {
  const [given] = args;
  if (flags.text("name") !== "" && given !== undefined)
    throw new Error("conflicting options: cannot specify a volume-name through both --name and as a positional arg");
  const Name = given ?? flags.text("name");
  const volume = await client.volumes.create({
    Driver: flags.text("driver"),
    DriverOpts: pairs(flags.list("opt")),
    Labels: pairs(flags.list("label")),
    ...(Name !== "" && { Name }),
  });
  stdout.print(`${volume.Name}\n`);
  return 0;
}

function pairs(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      return at === -1 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
