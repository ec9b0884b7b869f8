import { expect, test } from "bun:test";
import { OutputQueue } from "./output-queue.ts";

function chunk(number: number, size = 4): { stream: "stdout"; bytes: Uint8Array } {
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, number);
  return { stream: "stdout", bytes };
}

test("OutputQueue gives thousands of chunks in order, across readers that stop early", async () => {
  const queue = new OutputQueue(() => undefined);
  for (let number = 0; number < 5000; number += 1) queue.push(chunk(number));
  queue.end();
  const seen: number[] = [];
  while (seen.length < 5000) {
    for await (const { bytes } of queue) {
      seen.push(new DataView(bytes.buffer).getUint32(0));
      if (seen.length % 700 === 0) break;
    }
  }
  expect(seen).toEqual(Array.from({ length: 5000 }, (_, number) => number));
});

test("OutputQueue is full at 1 MiB and tells when it was read", async () => {
  let reads = 0;
  const queue = new OutputQueue(() => {
    reads += 1;
  });
  queue.push(chunk(1, 1_048_575));
  expect(queue.isFull).toBe(false);
  queue.push(chunk(2, 4));
  expect(queue.isFull).toBe(true);
  for await (const { bytes } of queue) {
    expect(bytes.length).toBe(1_048_575);
    break;
  }
  expect({ isFull: queue.isFull, reads }).toEqual({ isFull: false, reads: 1 });
});

test("OutputQueue takes nothing after its end and wakes a waiting reader", async () => {
  const queue = new OutputQueue(() => undefined);
  const reader = queue[Symbol.asyncIterator]();
  const waiting = reader.next();
  queue.end();
  queue.push(chunk(1));
  expect(await waiting).toEqual({ done: true, value: undefined });
});
