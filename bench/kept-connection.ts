// One kept connection that reads replies without looking into them: fetch alone costs a quarter of a millisecond a request, more than
// the answers that are measured.
import type { Engine } from "./engine.ts";

/** Gets paths, one after the other. */
export class KeptConnection implements Disposable {
  readonly #send: (text: string) => void;
  readonly #end: () => void;
  #head = "";
  /** Bytes of the body so far. */
  #received = 0;
  #whole: (() => void) | undefined;

  private constructor(send: (text: string) => void, end: () => void) {
    this.#send = send;
    this.#end = end;
  }

  static async open(engine: Engine): Promise<KeptConnection> {
    const socket = await Bun.connect({ unix: engine.socket, socket: { data: (_, bytes) => connection.#take(bytes) } });
    const connection = new KeptConnection(
      (text) => void socket.write(text),
      () => socket.end(),
    );
    return connection;
  }

  /** Resolves when the whole reply is there. @throws unless it is 200 */
  async get(path: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whole = resolve;
    this.#head = "";
    this.#received = 0;
    this.#send(`GET /v1.41${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await promise;
    if (!this.#head.startsWith("HTTP/1.1 200 ")) throw new Error(`GET ${path}: ${this.#head}`);
  }

  /** The first piece holds the whole head: engines write both at once. The last piece of a chunked body ends with its last chunk. */
  #take(bytes: Uint8Array): void {
    let body = bytes.length;
    if (this.#head === "") {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4_096)).toString("latin1");
      this.#head = text.slice(0, text.indexOf("\r\n\r\n") + 4);
      body -= this.#head.length;
    }
    this.#received += body;
    const length = /^content-length: (\d+)/im.exec(this.#head)?.[1];
    const isWhole = length === undefined ? Buffer.from(bytes.subarray(-5)).toString() === "0\r\n\r\n" : this.#received >= Number(length);
    if (isWhole) this.#whole?.();
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}
