import { describe, expect, test } from "bun:test";
import { encodeWebSocketFrame, opcode, WebSocketReader } from "./web-socket-frames.ts";
import { maskedFrame } from "../../test/support/web-socket-client.ts";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

/** What a reader makes of bytes that come so many at a time. */
function read(bytes: Uint8Array, step = bytes.length): readonly string[] {
  const reader = new WebSocketReader();
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += step)
    for (const piece of reader.push(bytes.subarray(at, at + step)))
      pieces.push(
        piece.type === "data" ? Buffer.from(piece.bytes).toString() : `<${piece.type} ${Buffer.from(piece.payload).toString("hex")}>`,
      );
  return pieces;
}

describe("WebSocketReader", () => {
  test("reads frames however their bytes come, control frames between the fragments of a message", () => {
    const bytes = Buffer.concat([
      maskedFrame(opcode.binary, text("hello, "), { isFinal: false }),
      maskedFrame(opcode.ping, text("?")),
      maskedFrame(opcode.continuation, text("world")),
      maskedFrame(opcode.pong, text("unasked")),
      maskedFrame(opcode.text, text("x".repeat(300))),
      maskedFrame(opcode.binary, text("y".repeat(70_000))),
      maskedFrame(opcode.binary, new Uint8Array()),
      maskedFrame(opcode.close, Uint8Array.of(3, 0xe8)),
    ]);
    const whole = `hello, <ping 3f>world${"x".repeat(300)}${"y".repeat(70_000)}<close 03e8>`;
    for (const step of [bytes.length, 1, 7, 1000]) expect(read(bytes, step).join("")).toBe(whole);
  });

  test("hands on a long frame as it comes", () => {
    const frame = maskedFrame(opcode.binary, text("z".repeat(100_000)));
    expect(read(frame, 10_000).map((piece) => piece.length)).toEqual([9_986, ...Array.from({ length: 9 }, () => 10_000), 14]);
  });

  test.each([
    ["a frame without a mask", Buffer.from(encodeWebSocketFrame(opcode.binary, text("x")))],
    ["reserved bits", Buffer.from([0xc2, 0x80, 0, 0, 0, 0])],
    ["a reserved opcode", Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ["a reserved control opcode", Buffer.from([0x8b, 0x80, 0, 0, 0, 0])],
    ["a ping in pieces", Buffer.from([0x09, 0x80, 0, 0, 0, 0])],
    ["a ping of 126 bytes", maskedFrame(opcode.ping, new Uint8Array(126))],
    ["a continuation of nothing", maskedFrame(opcode.continuation, text("x"))],
    [
      "a message inside a message",
      Buffer.concat([maskedFrame(opcode.text, text("x"), { isFinal: false }), maskedFrame(opcode.text, text("y"))]),
    ],
    ["a length beyond all", Buffer.from([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
  ])("refuses %s", (_what, bytes) => {
    expect(() => read(bytes)).toThrow();
  });
});
