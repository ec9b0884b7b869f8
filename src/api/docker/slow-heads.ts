import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** Milliseconds from a request's first byte until its head must be there. */
const headLimit = 50_000;

interface Heard {
  /** Bytes that came up to the end of the last request. */
  bytes: number;
  busy: boolean;
  /** When more than those was first seen. */
  since: number | undefined;
}

/**
 * Ends connections that take for ever to say what they want, a byte a second (row I32). Connections that say nothing are left alone, as
 * clients keep them for later. One timer looks at all of them, and there is none while nobody is connected.
 */
export class SlowHeads {
  readonly #limit: number;
  readonly #heard = new Map<Socket, Heard>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(limit = headLimit) {
    this.#limit = limit;
  }

  watch(socket: Socket): void {
    this.#heard.set(socket, { bytes: 0, busy: false, since: undefined });
    this.#timer ??= setInterval(() => this.#look(), this.#limit / 5).unref();
  }

  forget(socket: Socket): void {
    this.#heard.delete(socket);
    if (this.#heard.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The head is there; until its reply and its body are over, whatever comes belongs to it. */
  asked(request: IncomingMessage, replied: { once(event: "close", over: () => void): unknown }): void {
    const heard = this.#heard.get(request.socket);
    if (heard === undefined) return;
    heard.busy = true;
    heard.since = undefined;
    const over = (): void => {
      heard.busy = false;
      heard.bytes = request.socket.bytesRead;
    };
    replied.once("close", () => {
      if (request.complete) over();
      else request.once("end", over);
    });
  }

  #look(): void {
    const now = performance.now();
    for (const [socket, heard] of this.#heard) {
      if (heard.busy || socket.bytesRead === heard.bytes) continue;
      heard.since ??= now;
      if (now - heard.since >= this.#limit) socket.destroy();
    }
  }
}
