import { describe, expect, test } from "bun:test";
import { readChunks } from "./chunked-body.ts";

describe("readChunks()", () => {
  const whole = '2\r\n{}\r\n3;a="b"\r\nabc\r\n0\r\nTrailer: x\r\n\r\nstdin';

  test("gives the body and what stands behind it", () => {
    const bytes = Buffer.from(whole);
    const read = readChunks(bytes);
    expect([Buffer.from(read?.body ?? []).toString(), bytes.subarray(read?.end).toString()]).toEqual(["{}abc", "stdin"]);
  });

  test("waits for more at every cut", () => {
    const end = whole.indexOf("stdin");
    const cuts = Array.from({ length: end }, (_, length) => readChunks(Buffer.from(whole.slice(0, length))));
    expect(cuts.filter((read) => read !== undefined)).toEqual([]);
  });

  test.each(["zz\r\nabc", "FFFFFFFFFFFFFFFFF\r\n", "-1\r\n", "2\r\nabcd", "\r\n", "1 2\r\n", "x".repeat(5000)])("refuses %j", (text) => {
    expect(() => readChunks(Buffer.from(text))).toThrow("malformed chunked encoding");
  });
});
