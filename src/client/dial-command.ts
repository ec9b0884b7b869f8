import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { BrokenReplyError, codeOf, UnreachableError } from "./client-error.ts";
import type { RawStream, StreamEvents } from "./dial.ts";
import type { Endpoint } from "./endpoint.ts";

/** How much of what a failing command says is kept, in bytes. */
const maxComplaint = 4096;

/**
 * A program whose stdin and stdout are the stream, as ssh is with `system dial-stdio` at its other end. It runs in a session of its own, so
 * that Ctrl-C at the terminal ends a container's program and not the way to it.
 * @throws UnreachableError when it cannot be started
 */
export async function dialCommand(endpoint: Extract<Endpoint, { kind: "command" }>, events: StreamEvents): Promise<RawStream> {
  const [program, ...args] = endpoint.argv;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  const stream = new CommandStream(child, endpoint.argv, events);
  try {
    await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  } catch (error) {
    const code = codeOf(error);
    const reason = code === "ENOENT" ? `exec: ${JSON.stringify(program)}: executable file not found in $PATH` : `exec: ${program}: ${code}`;
    throw new UnreachableError(endpoint.address, code, { cause: error, reason });
  }
  return stream;
}

class CommandStream implements RawStream {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #complaint = "";
  #ended = false;

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, argv: readonly string[], events: StreamEvents) {
    this.#child = child;
    child.on("error", () => undefined); // told by the wait for "spawn"
    child.stdin.on("error", () => undefined); // told by each write
    child.stderr.on("data", (chunk: Uint8Array) => {
      this.#complaint = (this.#complaint + new TextDecoder().decode(chunk)).slice(0, maxComplaint);
    });
    child.stdout.on("data", events.data);
    // Not at the end of stdout: only the exit says whether that end was one.
    child.on("close", (code, signal) => {
      this.#ended = true;
      if (code === 0) events.end();
      else events.error(new BrokenReplyError(failed(argv, signal === null ? `exit status ${code}` : `signal: ${signal}`, this.#complaint)));
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.#child;
    await new Promise<void>((resolve, reject) => {
      const gone = (): void => reject(new BrokenReplyError("the connection to the daemon is closed"));
      if (this.#ended || stdin.destroyed) return gone();
      stdin.once("close", gone);
      stdin.write(bytes, (error) => {
        stdin.off("close", gone);
        if (error === null || error === undefined) resolve();
        else gone();
      });
    });
  }

  endWrite(): void {
    this.#child.stdin.end();
  }

  pause(): void {
    this.#child.stdout.pause();
  }

  resume(): void {
    this.#child.stdout.resume();
  }

  hold(alive: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    // Pipes are sockets under Node and most of one under Bun; their types do not say so.
    const held = [this.#child, stdin, stdout, stderr] as readonly { ref?(): unknown; unref?(): unknown }[];
    for (const part of held) {
      if (alive) part.ref?.();
      else part.unref?.();
    }
  }

  terminate(): void {
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    if (!this.#ended) this.#child.kill("SIGTERM");
  }
}

function failed(argv: readonly string[], end: string, complaint: string): string {
  const advice = "make sure the URL is valid, and Docker 18.09 or later is installed on the remote host";
  return `command [${argv.join(" ")}] has exited with ${end}, ${advice}: stderr=${complaint}`;
}
