// Frames of RFC 6455 as a server meets them. Data is handed on as it comes, piece by piece, so a frame of any length needs no more memory
// than a read; only control frames, of 125 bytes at most, are waited for.

/** Frame types (section 5.2). */
export const opcode = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** Reasons to close (section 7.4.1). */
export const closeCode = { normal: 1000, protocolError: 1002 } as const;

export type WebSocketPiece =
  | { readonly type: "data"; readonly bytes: Uint8Array }
  | { readonly type: "ping"; readonly payload: Uint8Array }
  | { readonly type: "close"; readonly payload: Uint8Array };

/** The client broke the protocol: the connection is closed with 1002. */
export class WebSocketError extends Error {}

interface Frame {
  readonly opcode: number;
  readonly mask: Uint8Array;
  /** Bytes of the payload that are still to come. */
  left: number;
  /** Where in the mask the next byte stands. */
  at: number;
}

const longestControl = 125;

/** Reads what a client sends. @throws WebSocketError from the iteration, after which nothing more may be pushed */
export class WebSocketReader {
  /** The beginning of a head that is not whole yet. */
  #head: Uint8Array = new Uint8Array();
  #frame: Frame | undefined;
  #control: Uint8Array[] = [];
  #inMessage = false;

  *push(bytes: Uint8Array): Generator<WebSocketPiece, void> {
    let rest = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    this.#head = new Uint8Array();
    for (;;) {
      if (this.#frame === undefined) {
        const size = headSize(rest);
        if (size === undefined || rest.length < size) {
          this.#head = rest.slice();
          return;
        }
        this.#frame = this.#check(rest, size);
        rest = rest.subarray(size);
      }
      const taken = rest.subarray(0, this.#frame.left);
      rest = rest.subarray(taken.length);
      const piece = this.#take(this.#frame, taken);
      if (piece !== undefined) yield piece;
      if (this.#frame !== undefined) return;
    }
  }

  #check(head: Uint8Array, size: number): Frame {
    const [first = 0, second = 0] = head;
    const code = first & 0x0f;
    if ((first & 0x70) !== 0) throw new WebSocketError("reserved bits are set");
    if ((second & 0x80) === 0) throw new WebSocketError("a client's frame is not masked");
    const isFinal = (first & 0x80) !== 0;
    const left = payloadLength(head);
    if (isControl(code)) {
      if (!isFinal || left > longestControl) throw new WebSocketError("a control frame is in pieces or too long");
      if (code > opcode.pong) throw new WebSocketError(`opcode ${code} is reserved`);
    } else {
      if (code > opcode.binary) throw new WebSocketError(`opcode ${code} is reserved`);
      if ((code === opcode.continuation) !== this.#inMessage) throw new WebSocketError("a message is out of order");
      this.#inMessage = !isFinal;
    }
    return { opcode: code, mask: head.slice(size - 4, size), left, at: 0 };
  }

  #take(frame: Frame, masked: Uint8Array): WebSocketPiece | undefined {
    const bytes = masked.map((byte, index) => byte ^ (frame.mask[(frame.at + index) & 3] ?? 0));
    frame.left -= bytes.length;
    frame.at += bytes.length;
    const isOver = frame.left === 0;
    if (isOver) this.#frame = undefined;
    if (!isControl(frame.opcode)) return bytes.length === 0 ? undefined : { type: "data", bytes };
    this.#control.push(bytes);
    if (!isOver) return undefined;
    const payload = Buffer.concat(this.#control.splice(0));
    if (frame.opcode === opcode.pong) return undefined;
    return { type: frame.opcode === opcode.ping ? "ping" : "close", payload };
  }
}

/** A whole frame of a server: never masked, never in pieces. */
export function encodeWebSocketFrame(code: number, payload: Uint8Array): Uint8Array {
  const extended = payload.length < 126 ? 0 : payload.length < 1 << 16 ? 2 : 8;
  const frame = new Uint8Array(2 + extended + payload.length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | code;
  frame[1] = extended === 0 ? payload.length : extended === 2 ? 126 : 127;
  if (extended === 2) view.setUint16(2, payload.length);
  if (extended === 8) view.setBigUint64(2, BigInt(payload.length));
  frame.set(payload, 2 + extended);
  return frame;
}

function isControl(code: number): boolean {
  return code >= opcode.close;
}

/** Bytes of the head, mask included; undefined when not even its length is there. */
function headSize(bytes: Uint8Array): number | undefined {
  const second = bytes[1];
  if (second === undefined) return undefined;
  const length = second & 0x7f;
  const mask = (second & 0x80) === 0 ? 0 : 4;
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + mask;
}

function payloadLength(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const length = view.getUint8(1) & 0x7f;
  if (length < 126) return length;
  if (length === 126) return view.getUint16(2);
  const long = view.getBigUint64(2);
  if (long > BigInt(Number.MAX_SAFE_INTEGER)) throw new WebSocketError("a frame is longer than anything");
  return Number(long);
}
