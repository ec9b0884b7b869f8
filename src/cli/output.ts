import { write, writeSync } from "node:fs";

/** One of the process's own outputs. process.stdout is not used: it costs 4 ms at start. */
export class Output {
  /** 1 or 2. */
  readonly descriptor: number;
  #tail: Promise<void> = Promise.resolve();

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /** Writes text before it returns; for what is short and ends the command. A reader that went away ends the process as SIGPIPE does. */
  print(text: string): void {
    let rest = Buffer.from(text);
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(this.descriptor, rest));
      } catch (error) {
        if (codeOf(error) === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
        else throw exitOnClosedPipe(error);
      }
    }
  }

  /** Writes bytes of a stream in order without holding up signals and input; resolves when they are out. */
  write(bytes: Uint8Array): Promise<void> {
    this.#tail = this.#tail.then(() => this.#writeAll(bytes));
    return this.#tail;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      const written = await this.#writeSome(rest);
      if (written === 0) await Bun.sleep(1);
      rest = rest.subarray(written);
    }
  }

  #writeSome(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.descriptor, bytes, (error, written) => {
        if (error === null) resolve(written);
        else if (error.code === "EAGAIN") resolve(0);
        else reject(exitOnClosedPipe(error));
      });
    });
  }
}

function exitOnClosedPipe(error: unknown): Error {
  if (codeOf(error) === "EPIPE") process.exit(128 + 13);
  return error instanceof Error ? error : new Error(String(error));
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
