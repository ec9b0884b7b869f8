import { fault, now } from "#base";
import type { Attachment, OutputChunk, TerminalSize } from "#container";
import type { LogEntry, LogQuery } from "#log";

/** What a program of the memory engine sees of its world: a process without a kernel. */
export interface MemoryProcess {
  readonly args: readonly string[];
  readonly tty: boolean;
  /** Ends when every client that may write has ended. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Resolves with the number of the first signal. */
  readonly signalled: Promise<number>;
  write(stream: "stdout" | "stderr", bytes: Uint8Array): Promise<void>;
}

export type MemoryProgram = (process: MemoryProcess) => Promise<number>;

/** Bytes on their way from one side to the other, bounded: a writer waits while a reader lags behind. */
export class Channel<Item> {
  readonly #items: Item[] = [];
  readonly #limit: number;
  #over = false;
  #readers: (() => void)[] = [];
  #writers: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  async put(item: Item): Promise<void> {
    while (this.#items.length >= this.#limit && !this.#over) await new Promise<void>((settle) => this.#writers.push(settle));
    if (this.#over) return;
    this.#items.push(item);
    this.#wake("readers");
  }

  end(): void {
    this.#over = true;
    this.#wake("readers");
    this.#wake("writers");
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        this.#wake("writers");
        yield item;
      } else if (this.#over) return;
      else await new Promise<void>((settle) => this.#readers.push(settle));
    }
  }

  #wake(side: "readers" | "writers"): void {
    const waiting = side === "readers" ? this.#readers : this.#writers;
    if (side === "readers") this.#readers = [];
    else this.#writers = [];
    for (const settle of waiting) settle();
  }
}

/** The stdio of one process that is there before the process is, as a container's is. */
export class Stdio {
  readonly stdin = new Channel<Uint8Array>(16);
  readonly signal = Promise.withResolvers<number>();
  readonly clients = new Set<Channel<OutputChunk>>();
  readonly entries: LogEntry[] = [];
  readonly #ended = Promise.withResolvers<undefined>();
  size: TerminalSize | undefined;
  isOver = false;
  #grown = Promise.withResolvers<undefined>();

  get ended(): Promise<undefined> {
    return this.#ended.promise;
  }

  /** Resolves when there is more, or nothing more, in the log. */
  get grown(): Promise<undefined> {
    return this.#grown.promise;
  }

  attach(): Attachment {
    const output = new Channel<OutputChunk>(64);
    this.clients.add(output);
    const dispose = async (): Promise<void> => {
      this.clients.delete(output);
      output.end();
    };
    return {
      output,
      write: async (bytes) => {
        if (this.isOver) throw fault("conflict", "the process has ended");
        await this.stdin.put(Uint8Array.from(bytes));
      },
      end: async () => this.stdin.end(),
      [Symbol.asyncDispose]: dispose,
    };
  }

  async write(stream: "stdout" | "stderr", bytes: Uint8Array): Promise<void> {
    this.entries.push({ stream, at: now(), bytes, partial: bytes.at(-1) !== 10 });
    this.#announce();
    for (const client of this.clients) await client.put({ stream, bytes });
  }

  /** The process is gone; what it said may still be on its way to clients. */
  finish(): void {
    this.isOver = true;
    for (const client of this.clients) client.end();
    this.#ended.resolve(undefined);
    this.#announce();
  }

  #announce(): void {
    this.#grown.resolve(undefined);
    this.#grown = Promise.withResolvers();
  }
}

/** Runs a program on its stdio; a signal ends it with 128 and its number. */
export async function runProgram(
  program: MemoryProgram,
  stdio: Stdio,
  { args, tty }: { args: readonly string[]; tty: boolean },
): Promise<number> {
  const write = (stream: "stdout" | "stderr", bytes: Uint8Array): Promise<void> => stdio.write(tty ? "stdout" : stream, bytes);
  const code = program({ args, tty, stdin: stdio.stdin, signalled: stdio.signal.promise, write });
  return Promise.race([code, stdio.signal.promise.then((number) => 128 + number)]);
}

/** What a process has said, and with `follow` what it says until it ends. */
export async function* readLog(stdio: Stdio, query: LogQuery, signal: AbortSignal): AsyncIterable<readonly LogEntry[]> {
  let over = false;
  void stdio.ended.then(() => (over = true));
  const wanted = (entry: LogEntry): boolean => (entry.stream === "stdout" ? query.stdout : query.stderr);
  let next = query.tail === undefined ? 0 : Math.max(0, stdio.entries.length - query.tail);
  for (;;) {
    const grown = stdio.grown;
    const batch = stdio.entries.slice(next).filter(wanted);
    next = stdio.entries.length;
    if (batch.length > 0) yield batch;
    if (!query.follow || over || signal.aborted) return;
    await Promise.race([grown, stdio.ended]);
  }
}
