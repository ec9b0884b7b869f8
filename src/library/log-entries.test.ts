import { expect, test } from "bun:test";
import { logEntries, type LogEntry } from "./log-entries.ts";

function frame(stream: number, text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + payload.length);
  bytes[0] = stream;
  new DataView(bytes.buffer).setUint32(4, payload.length);
  bytes.set(payload, 8);
  return bytes;
}

/** Every byte on its own, so that each cut is met. */
async function* byBytes(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  for (const part of parts) for (const byte of part) yield new Uint8Array([byte]);
}

async function all(entries: AsyncIterable<LogEntry>): Promise<string[]> {
  const found: string[] = [];
  for await (const { stream, time, text, partial } of entries) found.push([stream, time, text, partial].join("|"));
  return found;
}

test("logEntries() gives an entry a frame, however it was cut", async () => {
  const chunks = byBytes(frame(1, "T1 one ö\n"), frame(2, "T2 two\n"), frame(1, "T3 \n"), frame(1, "T4 long"), frame(1, "T5 er\n"));
  expect(await all(logEntries(chunks, true))).toEqual([
    "stdout|T1|one ö|false",
    "stderr|T2|two|false",
    "stdout|T3||false",
    "stdout|T4|long|true",
    "stdout|T5|er|false",
  ]);
});

test("logEntries() of a terminal gives an entry a line", async () => {
  const chunks = byBytes(new TextEncoder().encode("T1 one\r\nT2 two"));
  expect(await all(logEntries(chunks, false))).toEqual(["stdout|T1|one|false", "stdout|T2|two|false"]);
});

test("logEntries() holds no more than a mebibyte of a frame together", async () => {
  const whole = frame(1, `T1 ${"x".repeat(3_000_000)}\n`);
  const pieces = async function* (): AsyncGenerator<Uint8Array, void> {
    for (let at = 0; at < whole.length; at += 65_536) yield whole.subarray(at, at + 65_536);
  };
  const lengths: number[] = [];
  for await (const { text } of logEntries(pieces(), true)) lengths.push(text.length);
  expect(Math.max(...lengths)).toBeLessThan((1 << 20) + 65_537);
});
