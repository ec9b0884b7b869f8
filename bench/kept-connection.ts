// One kept connection that reads replies without looking into them: fetch alone costs a quarter of a millisecond a request, more than
// the answers that are measured.
import type { Engine } from "./engine.ts";

/** Gets paths, one after the other. */
export class KeptConnection implements Disposable {
  readonly #send: (text: string) => void;
  readonly #end: () => void;
  #received = "";
  #whole: (() => void) | undefined;

  private constructor(send: (text: string) => void, end: () => void) {
    this.#send = send;
    this.#end = end;
  }

  static async open(engine: Engine): Promise<KeptConnection> {
    const decoder = new TextDecoder("latin1");
    const socket = await Bun.connect({ unix: engine.socket, socket: { data: (_, bytes) => connection.#take(decoder.decode(bytes)) } });
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
    this.#received = "";
    this.#send(`GET /v1.41${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await promise;
    if (!this.#received.startsWith("HTTP/1.1 200 ")) throw new Error(`GET ${path}: ${this.#received.slice(0, 200)}`);
  }

  #take(text: string): void {
    this.#received += text;
    const head = this.#received.indexOf("\r\n\r\n");
    if (head === -1) return;
    const length = /^content-length: (\d+)/im.exec(this.#received.slice(0, head))?.[1];
    const isWhole = length === undefined ? this.#received.endsWith("\r\n0\r\n\r\n") : this.#received.length >= head + 4 + Number(length);
    if (isWhole) this.#whole?.();
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}
