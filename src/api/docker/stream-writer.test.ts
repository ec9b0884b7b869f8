import { describe, expect, test } from "bun:test";
import { Writable } from "node:stream";
import { StreamWriter } from "./stream-writer.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const nextTurn = (): Promise<void> => new Promise((settle) => setImmediate(settle));

/** A client that takes one write and no more until it begins to read. */
class SlowClient extends Writable {
  readonly taken: string[] = [];
  #waiting: (() => void) | undefined;
  #reads = false;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.taken.push(new TextDecoder().decode(chunk));
    if (this.#reads) done();
    else this.#waiting = done;
  }

  beginToRead(): void {
    this.#reads = true;
    this.#waiting?.();
  }
}

describe("StreamWriter", () => {
  test("push() gathers what comes in one turn into one write", async () => {
    const client = new SlowClient();
    const writer = new StreamWriter(client, { raw: true });
    for (const text of ["a", "b", "c"]) await writer.push({ stream: "stdout", bytes: bytes(text) });
    await nextTurn();
    expect(client.taken).toEqual(["abc"]);
  });

  test("push() waits while the client does not read, however small the pieces", async () => {
    const client = new SlowClient();
    const writer = new StreamWriter(client, { raw: true });
    let pushed = 0;
    const pushing = (async () => {
      for (; pushed < 1000; pushed += 1) {
        await writer.push({ stream: "stdout", bytes: bytes("x") });
        await nextTurn();
      }
    })();
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    const held = pushed;
    expect(held).toBeLessThan(5);
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(pushed).toBe(held);
    client.beginToRead();
    await pushing;
    await writer.flush();
    expect(client.taken.join("").length).toBe(1000);
  });

  test("push() of a client that is gone resolves false", async () => {
    const client = new SlowClient();
    const writer = new StreamWriter(client, { raw: false });
    const waiting = writer.pushAll([{ stream: "stdout", bytes: bytes("x") }]);
    client.destroy();
    expect(await waiting).toBe(false);
    expect(await writer.push({ stream: "stdout", bytes: bytes("y") })).toBe(false);
  });

  test("close() drops what waits", async () => {
    const client = new SlowClient();
    const writer = new StreamWriter(client, { raw: true });
    await writer.push({ stream: "stdout", bytes: bytes("late") });
    writer.close();
    await nextTurn();
    expect([client.taken, await writer.push({ stream: "stdout", bytes: bytes("later") })]).toEqual([[], false]);
  });
});
