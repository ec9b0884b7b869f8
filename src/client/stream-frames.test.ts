import { describe, expect, test } from "bun:test";
import { jsonLines, textLines } from "./json-lines.ts";
import { splitFrames } from "./stream-frames.ts";

function frame(stream: number, text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + payload.length);
  bytes[0] = stream;
  new DataView(bytes.buffer).setUint32(4, payload.length);
  bytes.set(payload, 8);
  return bytes;
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

describe("splitFrames()", () => {
  const whole = Buffer.concat([frame(1, "out"), frame(2, ""), frame(2, "error"), frame(1, "x".repeat(1000)), frame(3, "daemon")]);

  test.each([1, 3, 7, 8, 9, 64, 10_000])("gives the same streams in pieces of %p bytes", async (size) => {
    const streams: Record<number, string> = {};
    for await (const { stream, bytes } of splitFrames(inPieces(whole, size))) {
      streams[stream] = (streams[stream] ?? "") + new TextDecoder().decode(bytes);
    }
    expect(streams).toEqual({ 1: `out${"x".repeat(1000)}`, 2: "error", 3: "daemon" });
  });
});

describe("textLines()", () => {
  test("keeps characters whole across pieces, and the last line without an end", async () => {
    expect(await collect(textLines(inPieces(new TextEncoder().encode("añb\n日本\r\nlast"), 1)))).toEqual(["añb", "日本\r", "last"]);
  });
});

test("jsonLines() skips empty lines and refuses what is no JSON", async () => {
  expect(await collect(jsonLines(inPieces(new TextEncoder().encode('{"a":1}\r\n\r\n{"b":2}'), 4)))).toEqual([{ a: 1 }, { b: 2 }]);
  expect(await collect(jsonLines(inPieces(new TextEncoder().encode("nope\n"), 4))).catch((error: unknown) => error)).toBeInstanceOf(
    SyntaxError,
  );
});
