import { DaemonError } from "#client";
import type { Command, Invocation } from "./command.ts";
import { attachedStreams, type AttachedStreams, containerConfig, type ContainerConfig, ownSurroundings } from "./container-config.ts";
import { containerFlags } from "./container-flags.ts";
import { createContainer } from "./create-container.ts";
import { describeError } from "./describe-error.ts";
import { chosenDetachKeys, defaultDetachKeys, parseDetachKeys } from "./detach-keys.ts";
import { bool, text } from "./flag.ts";
import { proxySignals } from "./signal-proxy.ts";
import { runSession, type SessionEnd } from "./stream-session.ts";
import { followSize, isTerminal, takeRawTerminal } from "./terminal.ts";
import { ExitError } from "./usage-error.ts";

export const runCommand: Command = {
  synopsis: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Create and run a new container from an image",
  aliases: ["container run", "run"],
  args: { min: 1 },
  interspersed: false,
  flags: [
    ...containerFlags,
    bool("detach", "Run container in background and print container ID", { short: "d" }),
    text("detach-keys", "Override the key sequence for detaching a container"),
    bool("sig-proxy", "Proxy received signals to the process", { fallback: "true" }),
  ],
  run: runContainer,
};

async function runContainer(invocation: Invocation): Promise<number> {
  const { flags, args } = invocation;
  const detached = flags.bool("detach");
  if (detached && flags.list("attach").length > 0) throw new ExitError(1, "conflicting options: cannot specify both --attach and --detach");
  const streams = attachedStreams(flags, detached);
  if (streams.stdin && flags.bool("tty") && !isTerminal(0)) throw new ExitError(1, "the input device is not a TTY");
  const [image = "", ...command] = args;
  const { id, config } = await explained(invocation, async () => {
    const config = containerConfig(flags, { image, command }, streams, ownSurroundings(invocation));
    return { id: await createContainer(invocation, config), config };
  });
  return streams.stdin || streams.stdout || streams.stderr
    ? await runAttached(invocation, { id, config, streams })
    : await runDetached(invocation, id);
}

async function runDetached(invocation: Invocation, id: string): Promise<number> {
  try {
    await explained(invocation, () => invocation.client.containers.start(id));
  } finally {
    invocation.stdout.print(`${id}\n`);
  }
  return 0;
}

interface Created {
  readonly id: string;
  readonly config: ContainerConfig;
  readonly streams: AttachedStreams;
}

async function runAttached(invocation: Invocation, created: Created): Promise<number> {
  const { flags, client, stdout, stderr } = invocation;
  const { id, streams } = created;
  const { Tty: tty } = created.config;
  const keys = chosenDetachKeys(invocation);
  await using held = new AsyncDisposableStack();
  if (flags.bool("sig-proxy")) held.use(proxySignals((signal) => client.containers.kill(id, signal)));
  const stream = await client.containers.attach(id, { ...streams, ...(keys !== "" && { detachKeys: keys }) });
  held.defer(() => stream.connection.close());
  const { result } = await client.containers.wait(id, { condition: flags.bool("rm") ? "removed" : "next-exit" });
  const interactive = tty && streams.stdin && isTerminal(0);
  if (interactive) held.use(takeRawTerminal());
  const session = runSession({
    stream,
    tty,
    stdin: streams.stdin,
    ...(interactive && { detachKeys: parseDetachKeys(keys === "" ? defaultDetachKeys : keys) }),
    ...(streams.stdout && { stdout }),
    ...(streams.stderr && { stderr }),
  });
  session.catch(() => undefined); // a start that fails is told first
  try {
    await client.containers.start(id);
  } catch (error) {
    await held.disposeAsync();
    if (flags.bool("rm")) await result.catch(() => undefined);
    throw explain(invocation, error);
  }
  if (tty && isTerminal(1)) held.use(followSize((size) => client.containers.resize(id, size)));
  const end: SessionEnd = await session;
  if (end === "detached") return 0;
  const { StatusCode, Error: failure } = await result;
  if (failure?.Message !== undefined && failure.Message !== "") stderr.print(`${failure.Message}\n`);
  return StatusCode;
}

/** Runs a step whose failure is told as `run` tells it: with the program's name, and codes 125 to 127. */
async function explained<T>(invocation: Invocation, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw explain(invocation, error);
  }
}

function explain(invocation: Invocation, error: unknown): ExitError {
  if (error instanceof ExitError) return error;
  const { program, path } = invocation;
  const message = describeError(error, program);
  const hint = `Run '${program} ${path} --help' for more information`;
  const code = error instanceof DaemonError ? startFailureCode(message) : 125;
  return new ExitError(code, `${program}: ${message}\n\n${hint}`, { cause: error });
}

/** 127 when the command is not there, 126 when it cannot be run, else 125: the daemon says which only in words. */
export function startFailureCode(message: string): number {
  if (/executable file not found|no such file or directory|system cannot find the file specified/.test(message)) return 127;
  if (/permission denied|is a directory/.test(message)) return 126;
  return 125;
}
