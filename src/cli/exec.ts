import type { ExecConfig } from "#client";
import type { Command, Invocation } from "./command.ts";
import { chosenDetachKeys, defaultDetachKeys, parseDetachKeys } from "./detach-keys.ts";
import { checkEnv, resolveEnv } from "./environment.ts";
import { bool, list, text } from "./flag.ts";
import { runSession } from "./stream-session.ts";
import { followSize, isTerminal, screenSize, takeRawTerminal } from "./terminal.ts";
import { ExitError } from "./usage-error.ts";

export const execCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER COMMAND [ARG...]",
  summary: "Execute a command in a running container",
  aliases: ["container exec", "exec"],
  args: { min: 2 },
  interspersed: false,
  flags: [
    bool("detach", "Detached mode: run command in the background", { short: "d" }),
    text("detach-keys", "Override the key sequence for detaching a container"),
    list("env", "Set environment variables", { short: "e", check: checkEnv }),
    list("env-file", "Read in a file of environment variables"),
    bool("interactive", "Keep STDIN open even if not attached", { short: "i" }),
    bool("privileged", "Give extended privileges to the command"),
    bool("tty", "Allocate a pseudo-TTY", { short: "t" }),
    text("user", 'Username or UID (format: "<name|uid>[:<group|gid>]")', { short: "u" }),
    text("workdir", "Working directory inside the container", { short: "w" }),
  ],
  run: exec,
};

async function exec(invocation: Invocation): Promise<number> {
  const { flags, args, client } = invocation;
  const [container = "", ...command] = args;
  const detached = flags.bool("detach");
  const tty = flags.bool("tty");
  if (!detached && flags.bool("interactive") && tty && !isTerminal(0)) throw new ExitError(1, "the input device is not a TTY");
  const id = await client.exec.create(container, execConfig(invocation, command));
  if (detached) {
    await client.exec.startDetached(id, { tty });
    return 0;
  }
  return await runAttached(invocation, id);
}

function execConfig(invocation: Invocation, command: readonly string[]): ExecConfig {
  const { flags } = invocation;
  const attached = !flags.bool("detach");
  const size = attached && flags.bool("tty") ? screenSize() : undefined;
  return {
    User: flags.text("user"),
    Privileged: flags.bool("privileged"),
    Tty: flags.bool("tty"),
    ...(size !== undefined && { ConsoleSize: [size.rows, size.columns] as const }),
    AttachStdin: attached && flags.bool("interactive"),
    AttachStdout: attached,
    AttachStderr: attached,
    DetachKeys: chosenDetachKeys(invocation),
    Env: resolveEnv(flags.list("env-file"), flags.list("env"), process.env),
    WorkingDir: flags.text("workdir"),
    Cmd: command,
  };
}

async function runAttached(invocation: Invocation, id: string): Promise<number> {
  const { flags, client, stdout, stderr } = invocation;
  const tty = flags.bool("tty");
  const stdin = flags.bool("interactive");
  const interactive = tty && stdin && isTerminal(0);
  const size = tty ? screenSize() : undefined;
  const detachKeys = parseDetachKeys(chosenDetachKeys(invocation) || defaultDetachKeys);
  await using held = new AsyncDisposableStack();
  const stream = await client.exec.startAttached(id, { tty, ...(size !== undefined && { size: [size.rows, size.columns] as const }) });
  held.defer(() => stream.connection.close());
  if (interactive) held.use(takeRawTerminal());
  if (tty && isTerminal(1)) held.use(followSize((now) => client.exec.resize(id, now)));
  const end = await runSession({ stream, tty, stdin, stdout, stderr, ...(interactive && { detachKeys }) });
  if (end === "detached") {
    await held.disposeAsync();
    throw new ExitError(1, "read escape sequence");
  }
  return (await client.exec.inspect(id)).ExitCode ?? 0;
}
