import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { openGzipDecoder } from "./gzip-decoder.ts";

const text = Buffer.from(Array.from({ length: 3000 }, (_, at) => `entry ${at * at}\n`).join(""));
const packed = Buffer.from(Bun.gzipSync(text));

function decode(archive: Uint8Array, steps: { readonly input: number; readonly output: number } = { input: 4096, output: 1024 }): Buffer {
  const decoder = openGzipDecoder(steps.output);
  if (decoder === undefined) throw new Error("libisal.so.2 is not installed");
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < archive.length; at += steps.input) {
    decoder.push(archive.subarray(at, at + steps.input));
    for (let piece = decoder.next(); piece !== undefined; piece = decoder.next()) pieces.push(piece.slice());
  }
  decoder.finish();
  return Buffer.concat(pieces);
}

describe.skipIf(openGzipDecoder(1) === undefined)("GzipDecoder (needs libisal.so.2)", () => {
  test.each([1, 7, 4096, 1 << 20])("next() gives the same bytes, whatever pieces go in (%d)", (input) => {
    expect(decode(packed, { input, output: 300 }).equals(text)).toBe(true);
  });

  test("next() keeps what it could not put into one piece", () => {
    const noise = randomBytes(100_000);
    expect(decode(Bun.gzipSync(noise), { input: 100_000, output: 1 }).equals(noise)).toBe(true);
  });

  test("next() reads many members as one, empty ones too", () => {
    const members = Array.from({ length: 100_000 }, (_, at) => (at % 2 === 0 ? one : empty));
    expect(decode(Buffer.concat(members), { input: 1000, output: 64 * 1024 }).toString()).toBe("x".repeat(50_000));
  });

  test("next() reads headers with a name, a comment, extra bytes and a checksum of their own", () => {
    const head = packed.subarray(0, 10);
    const named = Buffer.concat([
      head.subarray(0, 3),
      Buffer.of(2 | 4 | 8 | 16),
      head.subarray(4),
      Buffer.of(2, 0),
      Buffer.from("abname\0why\0##"),
    ]);
    for (const input of [1, 2, 5, 100_000]) {
      expect(decode(Buffer.concat([named, packed.subarray(10)]), { input, output: 4096 }).equals(text)).toBe(true);
    }
  });

  test("finish() refuses an archive that was cut", () => {
    for (let size = 0; size < packed.length; size += 13) expect(() => decode(packed.subarray(0, size))).toThrow("unexpected end of file");
  });

  test("next() refuses what follows the last member, zeros as well", () => {
    for (const rest of [Buffer.from("garbage behind it"), Buffer.alloc(512)]) {
      expect(() => decode(Buffer.concat([packed, rest]))).toThrow("incorrect header check");
    }
  });

  test("next() or finish() refuses an archive with a bit of its data or sums changed", () => {
    for (let at = 10; at < packed.length; at += 7) {
      const changed = Buffer.from(packed);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(() => decode(changed)).toThrow();
    }
  });
});

const one = Bun.gzipSync("x");
const empty = Bun.gzipSync("");
