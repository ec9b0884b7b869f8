// The server's side of RFC 6455, as much as an attached process needs: bytes in and out, pings answered, an orderly end.
import { createHash } from "node:crypto";
import { Writable } from "node:stream";
import { closeCode, encodeWebSocketFrame, opcode, WebSocketError, WebSocketReader } from "#wire";
import type { Takeover, Talk } from "./takeover.ts";

/** What every server appends to the client's key (section 1.3). */
const keySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Bytes that may wait for the client when a ping is answered. */
const pongRoom = 64 << 10;

type Handshake =
  | { readonly kind: "accepted"; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "refused"; readonly reason: string };

/** Answers a client's wish for a web socket (section 4.2), with Docker's words when it is none. */
export function shakeHands(header: (name: string) => string): Handshake {
  const wishes = header("connection").toLowerCase();
  if (header("upgrade").toLowerCase() !== "websocket" || !wishes.includes("upgrade"))
    return { kind: "refused", reason: "not websocket protocol" };
  const key = header("sec-websocket-key");
  if (key === "") return { kind: "refused", reason: "mismatch challenge/response" };
  if (header("sec-websocket-version") !== "13") return { kind: "refused", reason: "missing or bad WebSocket Version" };
  const protocol = header("sec-websocket-protocol").trim();
  if (protocol.includes(",")) return { kind: "refused", reason: "missing or bad WebSocket-Protocol" };
  const accept = createHash("sha1").update(`${key}${keySuffix}`).digest("base64");
  return {
    kind: "accepted",
    headers: {
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Accept": accept,
      ...(protocol !== "" && { "Sec-WebSocket-Protocol": protocol }),
    },
  };
}

/** A conversation in frames over a connection that left HTTP. */
export class WebSocketTalk implements Talk {
  readonly #taken: Takeover;
  readonly #reader = new WebSocketReader();
  readonly #leaving = Promise.withResolvers<"end" | "closed">();
  readonly sink: Writable;
  #isClosing = false;

  /** `text` is for clients that know no binary frames. */
  constructor(taken: Takeover, options: { readonly text: boolean }) {
    this.#taken = taken;
    const code = options.text ? opcode.text : opcode.binary;
    this.sink = new Writable({
      write: (bytes: Uint8Array, _encoding, done) => {
        if (this.#isClosing || taken.sink.destroyed) done();
        else taken.sink.write(encodeWebSocketFrame(code, bytes), () => done());
      },
    });
    void taken.closed.then(() => this.sink.destroy());
  }

  get closed(): Promise<undefined> {
    return this.#taken.closed;
  }

  receive(take: (bytes: Uint8Array) => Promise<void>): Promise<"end" | "closed"> {
    return Promise.race([this.#taken.receive((bytes) => this.#read(bytes, take)), this.#leaving.promise]);
  }

  ignoreInput(): void {
    void this.receive(() => Promise.resolve());
  }

  end(): void {
    const finish = (): void => {
      this.#close(closeCode.normal);
      this.#taken.end();
    };
    // What the process has said goes out before the goodbye.
    if (this.sink.destroyed) finish();
    else this.sink.end(finish);
  }

  async #read(bytes: Uint8Array, take: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    if (this.#isClosing) return;
    try {
      for (const piece of this.#reader.push(bytes)) {
        if (piece.type === "data") await take(piece.bytes);
        else if (piece.type === "ping") this.#pong(piece.payload);
        else return this.#leave(piece.payload);
      }
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      this.#close(closeCode.protocolError);
      this.#leaving.resolve("closed");
      this.#hangUp();
    }
  }

  /** A client that pings and does not read gets no answers after a while: only the latest ping needs one (section 5.5.3). */
  #pong(payload: Uint8Array): void {
    if (this.#taken.sink.writableLength < pongRoom) this.#taken.write(encodeWebSocketFrame(opcode.pong, payload));
  }

  /** The client says goodbye: it gets its own words back, and the connection is over. */
  #leave(payload: Uint8Array): void {
    if (!this.#isClosing) this.#taken.write(encodeWebSocketFrame(opcode.close, payload.subarray(0, 2)));
    this.#isClosing = true;
    this.#leaving.resolve("end");
    this.#hangUp();
  }

  #close(code: number): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#taken.write(encodeWebSocketFrame(opcode.close, Uint8Array.of(code >> 8, code & 0xff)));
  }

  /** Nothing that the client sends from here on counts, so its end is not waited for. */
  #hangUp(): void {
    this.#taken.sink.end(() => this.#taken.destroy());
  }
}
