// Carries a hijacked stream to and from this process's own stdin, stdout and stderr.
import { type Connection, type HijackedStream, splitFrames } from "#client";
import { DetachWatch } from "./detach-keys.ts";
import type { Output } from "./output.ts";

export interface SessionOptions {
  readonly stream: HijackedStream;
  /** The container has a terminal: output comes raw. */
  readonly tty: boolean;
  /** Sends our stdin; its end becomes a half-close. */
  readonly stdin: boolean;
  /** Ends the session when typed; only with a terminal of our own. */
  readonly detachKeys?: Uint8Array;
  readonly stdout?: Output;
  readonly stderr?: Output;
}

/** "detached" when the user typed the detach keys, else "ended" when the stream was over. */
export type SessionEnd = "ended" | "detached";

/** Runs until the daemon closes the stream or the user detaches. */
export async function runSession(options: SessionOptions): Promise<SessionEnd> {
  const output = copyOutput(options).then((): SessionEnd => "ended");
  if (!options.stdin) {
    options.stream.connection.endWrite();
    return await output;
  }
  const detached = sendInput(options);
  return await Promise.race([output, detached]);
}

/** Writes everything that comes, frames taken apart where there is no terminal. */
export async function copyOutput(options: Pick<SessionOptions, "stream" | "tty" | "stdout" | "stderr">): Promise<void> {
  const { stream, tty, stdout, stderr } = options;
  if (tty) {
    for await (const chunk of stream.output) await stdout?.write(chunk);
    return;
  }
  await copyFrames(stream.output, { stdout, stderr });
}

/** Writes stream frames to the output that each names; an error of the daemon in the stream is thrown. */
export async function copyFrames(
  chunks: AsyncIterable<Uint8Array>,
  outputs: { readonly stdout: Output | undefined; readonly stderr: Output | undefined },
): Promise<void> {
  for await (const { stream, bytes } of splitFrames(chunks)) {
    if (stream === 3) throw new Error(`error from daemon in stream: ${new TextDecoder().decode(bytes)}`);
    await (stream === 2 ? outputs.stderr : outputs.stdout)?.write(bytes);
  }
}

/** Resolves only when the detach keys were typed. */
function sendInput(options: SessionOptions): Promise<SessionEnd> {
  const { connection } = options.stream;
  if (options.detachKeys !== undefined) return sendKeys(connection, new DetachWatch(options.detachKeys));
  // A container that closes its stdin early is no failure of ours: its exit code tells the rest.
  pumpInput(connection).catch(() => undefined);
  return new Promise(() => undefined);
}

/** Stdin that is no terminal, as fast as the daemon takes it. process.stdin loses pieces of a pipe that is paused and resumed often. */
async function pumpInput(connection: Connection): Promise<void> {
  for await (const chunk of Bun.stdin.stream()) await connection.write(chunk);
  connection.endWrite();
}

/** Keys of a terminal: few, so that they may wait in memory. */
function sendKeys(connection: Connection, watch: DetachWatch): Promise<SessionEnd> {
  return new Promise((resolve) => {
    let sent = Promise.resolve();
    const then = (act: () => Promise<void> | void): void => {
      // As above: the container's end is told by its exit code.
      sent = sent.then(act).catch(() => undefined);
    };
    process.stdin.on("data", (keys: Buffer) => {
      const { bytes, detached } = watch.screen(keys);
      if (bytes.length > 0) then(() => connection.write(bytes));
      if (detached) then(() => resolve("detached"));
    });
    process.stdin.on("end", () => then(() => connection.endWrite()));
    process.stdin.on("error", () => then(() => connection.endWrite()));
  });
}
