import type { ContainerReply } from "#client";
import type { Command, Invocation } from "./command.ts";
import { chosenDetachKeys, defaultDetachKeys, parseDetachKeys } from "./detach-keys.ts";
import { bool, text } from "./flag.ts";
import { proxySignals } from "./signal-proxy.ts";
import { runSession } from "./stream-session.ts";
import { followSize, isTerminal, screenSize, takeRawTerminal } from "./terminal.ts";
import { ExitError } from "./usage-error.ts";

export const attachCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER",
  summary: "Attach local standard input, output, and error streams to a running container",
  aliases: ["container attach", "attach"],
  args: { min: 1, max: 1 },
  flags: [
    text("detach-keys", "Override the key sequence for detaching a container"),
    bool("no-stdin", "Do not attach STDIN"),
    bool("sig-proxy", "Proxy all received signals to the process", { fallback: "true" }),
  ],
  run: attach,
};

async function attach(invocation: Invocation): Promise<number> {
  const { flags, args, client, stdout, stderr } = invocation;
  const container = await client.containers.inspect(args[0] ?? "");
  checkState(container);
  const { Tty: tty, OpenStdin } = container.Config;
  const stdin = OpenStdin && !flags.bool("no-stdin");
  if (stdin && tty && !isTerminal(0)) throw new ExitError(1, "the input device is not a TTY");
  const keys = chosenDetachKeys(invocation);
  const detachKeys = parseDetachKeys(keys === "" ? defaultDetachKeys : keys);
  const interactive = tty && stdin && isTerminal(0);
  await using held = new AsyncDisposableStack();
  const { result } = await client.containers.wait(container.Id);
  const stream = await client.containers.attach(container.Id, {
    stdin,
    stdout: true,
    stderr: true,
    ...(keys !== "" && { detachKeys: keys }),
  });
  held.defer(() => stream.connection.close());
  if (flags.bool("sig-proxy") && !tty) held.use(proxySignals((signal) => client.containers.kill(container.Id, signal)));
  if (interactive) held.use(takeRawTerminal());
  if (tty && isTerminal(1)) {
    await provokeRedraw(invocation, container.Id);
    held.use(followSize((size) => client.containers.resize(container.Id, size)));
  }
  const end = await runSession({ stream, tty, stdin, stdout, stderr, ...(interactive && { detachKeys }) });
  if (end === "detached") {
    await held.disposeAsync();
    throw new ExitError(1, "read escape sequence");
  }
  const { StatusCode, Error: failure } = await result;
  if (failure?.Message !== undefined && failure.Message !== "") throw new Error(failure.Message);
  return StatusCode;
}

function checkState({ State }: ContainerReply): void {
  if (!State.Running) throw new Error("You cannot attach to a stopped container, start it first");
  if (State.Paused) throw new Error("You cannot attach to a paused container, unpause it first");
  if (State.Restarting) throw new Error("You cannot attach to a restarting container, wait until it is running");
}

/** A shell draws its prompt again only when the size changes: it is made another for a moment. */
async function provokeRedraw({ client }: Invocation, id: string): Promise<void> {
  const size = screenSize();
  if (size === undefined) return;
  // A container that ends just now cannot be resized; its exit code is on the way.
  await client.containers.resize(id, { rows: size.rows + 1, columns: size.columns + 1 }).catch(() => undefined);
}
