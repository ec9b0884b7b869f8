import type { Command, Invocation } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { chosenDetachKeys, defaultDetachKeys, parseDetachKeys } from "./detach-keys.ts";
import { bool, text } from "./flag.ts";
import { proxySignals } from "./signal-proxy.ts";
import { runSession } from "./stream-session.ts";
import { followSize, isTerminal, takeRawTerminal } from "./terminal.ts";
import { ExitError } from "./usage-error.ts";

export const startCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Start one or more stopped containers",
  aliases: ["container start", "start"],
  args: { min: 1 },
  flags: [
    bool("attach", "Attach STDOUT/STDERR and forward signals", { short: "a" }),
    text("detach-keys", "Override the key sequence for detaching a container"),
    bool("interactive", "Attach container's STDIN", { short: "i" }),
    bool("sig-proxy", "", { fallback: "true", hidden: true }),
  ],
  run: start,
};

async function start(invocation: Invocation): Promise<number> {
  const { flags, args } = invocation;
  if (!flags.bool("attach") && !flags.bool("interactive")) return await startEach(invocation);
  const [container = ""] = args;
  if (args.length > 1) throw new ExitError(1, "you cannot start and attach multiple containers at once");
  return await startAttached(invocation, container);
}

/** One after the other, as Docker does: a later one may need an earlier one. */
async function startEach(invocation: Invocation): Promise<number> {
  const { args, client, stdout, stderr, program } = invocation;
  const failed: string[] = [];
  for (const container of args) {
    try {
      await client.containers.start(container);
      stdout.print(`${container}\n`);
    } catch (error) {
      stderr.print(`${describeError(error, program)}\n`);
      failed.push(container);
    }
  }
  if (failed.length > 0) throw new ExitError(1, `Error: failed to start containers: ${failed.join(", ")}`);
  return 0;
}

async function startAttached(invocation: Invocation, reference: string): Promise<number> {
  const { flags, client, stdout, stderr } = invocation;
  const container = await client.containers.inspect(reference);
  const { Id: id } = container;
  const { Tty: tty, OpenStdin, AttachStdout, AttachStderr } = container.Config;
  const keys = chosenDetachKeys(invocation);
  const detachKeys = parseDetachKeys(keys === "" ? defaultDetachKeys : keys);
  const stdin = flags.bool("interactive") && OpenStdin;
  if (stdin && tty && !isTerminal(0)) throw new ExitError(1, "the input device is not a TTY");
  const interactive = tty && stdin && isTerminal(0);
  await using held = new AsyncDisposableStack();
  if (flags.bool("sig-proxy") && !tty) held.use(proxySignals((signal) => client.containers.kill(id, signal)));
  const anyOutput = !AttachStdout && !AttachStderr;
  const streams = { stdin, stdout: anyOutput || AttachStdout, stderr: anyOutput || AttachStderr };
  const stream = await client.containers.attach(id, { ...streams, ...(keys !== "" && { detachKeys: keys }) });
  held.defer(() => stream.connection.close());
  const condition = container.HostConfig.AutoRemove === true ? "removed" : "next-exit";
  const { result } = await client.containers.wait(id, { condition });
  if (interactive) held.use(takeRawTerminal());
  const session = runSession({ stream, tty, stdin, stdout, stderr, ...(interactive && { detachKeys }) });
  session.catch(() => undefined); // a start that fails is told first
  await client.containers.start(id);
  if (tty && isTerminal(1)) held.use(followSize((size) => client.containers.resize(id, size)));
  if ((await session) === "detached") return 0;
  return (await result).StatusCode;
}
