// One connection to a monitor's attach socket, read eagerly and fanned out. SEQPACKET: one message is one stream byte and
// at most 8,192 bytes, and one callback of Bun's is one message. Sent messages stay below 16 KiB, since the monitor cuts long ones silently.
import type { Attachment, OutputChunk } from "#container";
import { connectDescriptor, connectSeqpacket, shutdownWrite } from "#linux";
import { OutputQueue } from "./output-queue.ts";

const maxMessage = 16_384;
const stderrByte = 3;

export interface StdinRules {
  /** The process reads what is written. */
  readonly open: boolean;
  /** End of file is passed on: then the connection must live as long as the process may read. */
  readonly ends: boolean;
}

export class AttachConnection {
  readonly #fd: number;
  readonly #rules: StdinRules;
  readonly #queues = new Set<OutputQueue>();
  #socket: Bun.Socket | undefined;
  #closed = false;
  #ended = false;
  #paused = false;
  #writing: Promise<void> = Promise.resolve();
  #onDrain: (() => void) | undefined;

  private constructor(fd: number, rules: StdinRules) {
    this.#fd = fd;
    this.#rules = rules;
  }

  /** @throws KernelError ENOENT or ECONNREFUSED when the monitor no longer listens */
  static async open(path: string, rules: StdinRules): Promise<AttachConnection> {
    const fd = connectSeqpacket(path);
    const connection = new AttachConnection(fd, rules);
    connection.#socket = await connectDescriptor(
      fd,
      {
        data: (_, message) => connection.#take(message),
        drain: () => connection.#onDrain?.(),
        end: () => connection.close(),
        error: () => connection.close(),
        close: () => connection.#finish(),
      },
      true,
    );
    connection.#socket.unref();
    return connection;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  attach(): Attachment {
    const queue = new OutputQueue(() => this.#adjust());
    if (this.#closed) queue.end();
    else this.#queues.add(queue);
    return {
      output: queue,
      write: (bytes) => this.#enqueue(() => this.#write(bytes)),
      end: () => this.#enqueue(() => this.#end()),
      [Symbol.asyncDispose]: () => {
        this.#leave(queue);
        return Promise.resolve();
      },
    };
  }

  /** Nothing will be written: the process reads an end of file. */
  endInput(): void {
    if (this.#rules.ends && !this.#closed && !this.#ended) shutdownWrite(this.#fd);
    this.#ended ||= this.#rules.ends;
  }

  close(): void {
    this.#socket?.terminate();
    this.#finish();
  }

  #take(message: Uint8Array): void {
    if (message.length < 2 || this.#queues.size === 0) return;
    const chunk: OutputChunk = { stream: message[0] === stderrByte ? "stderr" : "stdout", bytes: message.subarray(1) };
    for (const queue of this.#queues) queue.push(chunk);
    this.#adjust();
  }

  /** A full client stops the process, as Docker's attach does, until it has read. */
  #adjust(): void {
    const full = this.#queues.values().some((queue) => queue.isFull);
    if (full === this.#paused || this.#closed) return;
    this.#paused = full;
    if (full) this.#socket?.pause();
    else this.#socket?.resume();
  }

  #leave(queue: OutputQueue): void {
    queue.end();
    this.#queues.delete(queue);
    this.#adjust();
    const holdsStdin = this.#rules.open && this.#rules.ends && !this.#ended;
    if (this.#queues.size === 0 && !holdsStdin) this.close();
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    const next = this.#writing.then(step);
    this.#writing = next;
    return next;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (!this.#rules.open) return;
    for (let offset = 0; offset < bytes.length; offset += maxMessage) {
      const message = bytes.subarray(offset, offset + maxMessage);
      while (!this.#closed && !this.#ended && (this.#socket?.write(message) ?? 0) < message.length) await this.#drained();
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDrain = resolve;
      if (this.#closed) resolve();
    });
  }

  #end(): Promise<void> {
    this.endInput();
    return Promise.resolve();
  }

  #finish(): void {
    this.#closed = true;
    this.#onDrain?.();
    for (const queue of this.#queues) queue.end();
    this.#queues.clear();
  }
}
