// The client's side of a web socket, as much as tests need: what it says is said byte for byte.
import type { RawConnection } from "./memory-api.ts";

interface FrameOptions {
  readonly isFinal?: boolean;
}

/** A frame as a client sends it: masked. */
export function maskedFrame(opcode: number, payload: Uint8Array, { isFinal = true }: FrameOptions = {}): Buffer {
  const mask = Uint8Array.of(0x12, 0x34, 0x56, 0x78);
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(payload.length));
  const length = payload.length < 126 ? [payload.length] : payload.length < 1 << 16 ? [126, ...long.subarray(6)] : [127, ...long];
  const head = Uint8Array.of((isFinal ? 0x80 : 0) | opcode, 0x80 | (length[0] ?? 0), ...length.slice(1), ...mask);
  return Buffer.concat([head, payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0))]);
}

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The request for a web socket, with further headers. */
export function webSocketHead(path: string, headers: readonly string[] = []): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: docker",
    "Connection: keep-alive, Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
  ];
  return [...lines, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", ...headers, "", ""].join("\r\n");
}

/** The whole frames that came behind the head so far. @throws Error for a frame that is masked */
export function serverFrames(received: Buffer): readonly ServerFrame[] {
  const frames: ServerFrame[] = [];
  let rest = received.subarray(received.indexOf("\r\n\r\n") + 4);
  for (;;) {
    const [first = 0, second] = rest;
    if (second === undefined) return frames;
    if ((second & 0x80) !== 0) throw new Error("a server's frame is masked");
    const extended = second === 126 ? 2 : second === 127 ? 8 : 0;
    if (rest.length < 2 + extended) return frames;
    const length = extended === 0 ? second : extended === 2 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    const end = 2 + extended + length;
    if (rest.length < end) return frames;
    frames.push({ opcode: first & 0x0f, payload: rest.subarray(2 + extended, end) });
    rest = rest.subarray(end);
  }
}

/** What came as data so far. */
export function saidBy(connection: RawConnection): string {
  return Buffer.concat(
    serverFrames(connection.received)
      .filter(({ opcode }) => opcode <= 2)
      .map(({ payload }) => payload),
  ).toString();
}
