import { type Connection, type HijackedStream, splitFrames } from "#client";

export interface Output {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface InputStream {
  /** Resolves when it has left this process; a program that does not read makes it wait. */
  write(input: string | Uint8Array): Promise<void>;
  /** The program reads its end; output goes on. */
  end(): void;
}

interface SessionOptions {
  readonly stream: HijackedStream;
  /** Without a terminal, stdout and stderr come apart. */
  readonly tty: boolean;
  /** Resolves with the exit code, once the output is over. */
  readonly exitCode: () => Promise<number>;
  readonly resize: (size: { readonly rows: number; readonly columns: number }) => Promise<void>;
}

/** Bytes that wait in memory for a reader. */
const highWater = 1 << 20;

/**
 * The streams of a running program. Each output is iterated at most once, and acts like a pipe: the program waits when 1 MiB is unread.
 * `output()` and `exit()` need no reader.
 */
export class Session implements AsyncDisposable {
  readonly stdin: InputStream;
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Empty with a terminal, which knows one stream only. */
  readonly stderr: AsyncIterable<Uint8Array>;
  readonly #options: SessionOptions;
  readonly #connection: Connection;
  readonly #pipes: { readonly stdout: Pipe; readonly stderr: Pipe };
  readonly #over: Promise<void>;

  constructor(options: SessionOptions) {
    const { connection } = options.stream;
    this.#options = options;
    this.#connection = connection;
    this.stdin = {
      write: (input) => connection.write(typeof input === "string" ? new TextEncoder().encode(input) : input),
      end: () => connection.endWrite(),
    };
    this.#pipes = { stdout: new Pipe(), stderr: new Pipe() };
    this.stdout = this.#pipes.stdout;
    this.stderr = this.#pipes.stderr;
    this.#over = this.#pump();
    this.#over.catch(() => undefined); // told by each stream and by exit()
  }

  /** The exit code, once the program has ended. Output that nobody has begun to read is thrown away. */
  async exit(): Promise<number> {
    this.#pipes.stdout.discardUnread();
    this.#pipes.stderr.discardUnread();
    await this.#over;
    return await this.#options.exitCode();
  }

  /** All output as text, and the exit code. `input` is all that the program reads. */
  async output(input: string | Uint8Array = ""): Promise<Output> {
    // A program that does not read all of it has its reasons, and an exit code.
    const written = input.length === 0 ? Promise.resolve() : this.stdin.write(input).catch(() => undefined);
    void written.then(() => this.stdin.end());
    const [stdout, stderr] = await Promise.all([textOf(this.stdout), textOf(this.stderr)]);
    return { exitCode: await this.exit(), stdout, stderr };
  }

  /** Tells a terminal its size. */
  async resize(size: { readonly rows: number; readonly columns: number }): Promise<void> {
    await this.#options.resize(size);
  }

  /** Closes the streams; the program runs on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
    this.#pipes.stdout.discardUnread();
    this.#pipes.stderr.discardUnread();
    await this.#over.catch(() => undefined);
  }

  async #pump(): Promise<void> {
    const { stdout, stderr } = this.#pipes;
    try {
      if (this.#options.tty) for await (const bytes of this.#options.stream.output) await stdout.push(bytes);
      else {
        for await (const { stream, bytes } of splitFrames(this.#options.stream.output)) {
          if (stream === 3) throw new Error(`error from daemon in stream: ${new TextDecoder().decode(bytes)}`);
          await (stream === 2 ? stderr : stdout).push(bytes);
        }
      }
      stdout.end();
      stderr.end();
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      stdout.end(failure);
      stderr.end(failure);
      throw failure;
    }
  }
}

/** One output between the pump, which waits when it is full, and its one reader. */
class Pipe implements AsyncIterable<Uint8Array> {
  #chunks: Uint8Array[] = [];
  #size = 0;
  #taken = false;
  #discards = false;
  #end: { readonly error: Error | undefined } | undefined;
  /** Whoever waits: the reader for bytes, or the pump for room. */
  #wake: () => void = () => undefined;

  async push(bytes: Uint8Array): Promise<void> {
    if (this.#discards) return;
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    this.#wake();
    while (this.#size > highWater && !this.#discards) await this.#change();
  }

  end(error?: Error): void {
    this.#end = { error };
    this.#wake();
  }

  /** Unless somebody reads. */
  discardUnread(): void {
    if (this.#taken) return;
    this.#discards = true;
    this.#chunks = [];
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    if (this.#taken) throw new Error("this output is read already");
    this.#taken = true;
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.#size -= chunk.length;
          this.#wake();
          yield chunk;
        } else if (this.#end === undefined) await this.#change();
        else if (this.#end.error === undefined) return;
        else throw this.#end.error;
      }
    } finally {
      this.#discards = true;
      this.#chunks = [];
      this.#wake();
    }
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
