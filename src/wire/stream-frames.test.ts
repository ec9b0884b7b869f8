import { describe, expect, test } from "bun:test";
import { encodeFrames, FrameDecoder, type StreamPiece } from "./stream-frames.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("encodeFrames()", () => {
  test("writes type and big-endian length before each piece", () => {
    const frames = encodeFrames([
      { stream: "stdout", bytes: bytes("out\n") },
      { stream: "stderr", bytes: new Uint8Array(0x0102) },
    ]);
    expect([...frames.subarray(0, 12)]).toEqual([1, 0, 0, 0, 0, 0, 0, 4, ...bytes("out\n")]);
    expect([...frames.subarray(12, 20)]).toEqual([2, 0, 0, 0, 0, 0, 1, 2]);
    expect(frames.length).toBe(20 + 0x0102);
  });
});

describe("FrameDecoder", () => {
  test("push() gives back what was encoded, wherever the stream is cut", () => {
    const frames = encodeFrames([
      { stream: "stdout", bytes: bytes("one") },
      { stream: "stderr", bytes: bytes("") },
      { stream: "stderr", bytes: bytes("two and more") },
      { stream: "systemError", bytes: bytes("three") },
    ]);
    for (let step = 1; step <= frames.length; step += 1) {
      const decoder = new FrameDecoder();
      const pieces: StreamPiece[] = [];
      for (let at = 0; at < frames.length; at += step) pieces.push(...decoder.push(frames.subarray(at, at + step)));
      const texts = { stdout: "", stderr: "", systemError: "", stdin: "" };
      for (const piece of pieces) texts[piece.stream] += new TextDecoder().decode(piece.bytes);
      expect(texts).toEqual({ stdout: "one", stderr: "two and more", systemError: "three", stdin: "" });
      expect(decoder.whole).toBe(true);
    }
  });

  test("push() refuses a stream that is none of Docker's", () => {
    expect(() => new FrameDecoder().push(Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 1))).toThrow("unrecognized stream: 9");
  });
});
