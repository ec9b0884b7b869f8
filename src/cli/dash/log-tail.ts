import { messageOf } from "#base";
import { type DockerClient, splitFrames } from "#client";
import { isRaw } from "../logs.ts";

/** Lines that are kept, and the most that one may hold before its end has come. */
const keptLines = 500;
const longestLine = 8192;

/** Milliseconds before a log that ended is asked for again. */
const retryInterval = 1000;

interface Chosen {
  readonly id: string;
  /** Whether the container runs. */
  readonly up: boolean;
}

/** The end of one container's log, followed while it is chosen. */
export class LogTail implements Disposable {
  readonly #client: DockerClient;
  readonly #changed: () => void;
  #lines: string[] = [];
  #partial = "";
  #chosen: Chosen | undefined;
  #end = new AbortController();
  /** performance.now() of the end of the log that is followed; undefined while it comes. */
  #ended: number | undefined;

  constructor(client: DockerClient, changed: () => void) {
    this.#client = client;
    this.#changed = changed;
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#partial === "" ? this.#lines : [...this.#lines, this.#partial];
  }

  /** Follows this container's log from now on, and no other. A log ends with its container: it is followed anew when that runs again. */
  choose(chosen: Chosen | undefined): void {
    const isSame = chosen?.id === this.#chosen?.id && chosen?.up === this.#chosen?.up;
    const isOver = chosen?.up === true && this.#ended !== undefined && performance.now() - this.#ended > retryInterval;
    if (isSame && !isOver) return;
    this.#end.abort();
    this.#end = new AbortController();
    this.#chosen = chosen;
    this.#ended = undefined;
    this.#lines = [];
    this.#partial = "";
    if (chosen !== undefined) void this.#follow(chosen.id, this.#end.signal);
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  async #follow(container: string, signal: AbortSignal): Promise<void> {
    try {
      const { containers } = this.#client;
      const { headers, body } = await containers.logs(container, { follow: true, tail: String(keptLines), signal });
      const raw = await isRaw(headers.get("content-type") ?? "", () => containers.inspect(container));
      const decoder = new TextDecoder();
      for await (const bytes of raw ? body : piecesOf(body)) {
        if (signal.aborted) return;
        this.#add(decoder.decode(bytes, { stream: true }));
      }
    } catch (error) {
      // The container went, or the daemon did: the list says so.
      if (!signal.aborted) this.#add(`${messageOf(error)}\n`);
    }
    if (!signal.aborted) this.#ended = performance.now();
  }

  #add(text: string): void {
    const lines = (this.#partial + text).split("\n");
    this.#partial = (lines.pop() ?? "").slice(-longestLine);
    this.#lines.push(...lines.map((line) => line.slice(0, longestLine)));
    this.#lines = this.#lines.slice(-keptLines);
    this.#changed();
  }
}

async function* piecesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const { bytes } of splitFrames(body)) yield bytes;
}
