import { describe, expect, test } from "bun:test";
import type { Attachment, Exit, MonitoredProcess, OutputChunk } from "#container";
import { LiveContainers } from "./live.ts";

const exit: Exit = { code: 7, at: 1n, oomKilled: false };
const forEver = new AbortController().signal;

/** A process as data: what it wrote, and how often somebody let go of it. */
class WrittenProcess implements MonitoredProcess {
  readonly pid = 1;
  readonly monitorPid = 2;
  readonly exited = new Promise<Exit>(() => undefined);
  readonly stdin: string[] = [];
  releases = 0;

  attach(): Promise<Attachment> {
    const chunk: OutputChunk = { stream: "stdout", bytes: new TextEncoder().encode("first\n") };
    return Promise.resolve({
      output: (async function* (): AsyncGenerator<OutputChunk> {
        yield chunk;
      })(),
      write: async (bytes: Uint8Array) => void this.stdin.push(new TextDecoder().decode(bytes)),
      end: async () => void this.stdin.push("EOF"),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  }

  signal(): Promise<void> {
    return Promise.resolve();
  }

  resize(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.releases += 1;
    return Promise.resolve();
  }
}

async function textOf(output: AsyncIterable<OutputChunk>): Promise<string> {
  const chunks = await Array.fromAsync(output);
  return chunks.map(({ bytes }) => new TextDecoder().decode(bytes)).join("");
}

describe("LiveContainers", () => {
  test("wakes each kind of waiter at its event, with the code of the last exit", async () => {
    const live = new LiveContainers();
    const exited = live.next("a", "exit", forEver);
    const removed = live.next("a", "removed", forEver);
    live.add("a", new WrittenProcess());
    await live.exited("a", exit);
    expect(await exited).toBe(7);
    live.removed("a");
    expect(await removed).toBe(7);
  });

  test("lets go of a process once when its exit is recorded", async () => {
    const live = new LiveContainers();
    const process = new WrittenProcess();
    live.add("a", process);
    const ended = live.ended("a");
    await live.exited("a", exit);
    await ended;
    expect([process.releases, live.process("a")]).toEqual([1, undefined]);
  });

  test("ends a wait whose client went away", async () => {
    const live = new LiveContainers();
    const client = new AbortController();
    const wait = live.next("a", "exit", client.signal).catch((error: unknown) => String(error));
    client.abort(new Error("gone"));
    expect(await wait).toContain("gone");
  });

  test("hands what was written before the start to the process, and its output to who waited", async () => {
    const live = new LiveContainers();
    const attachment = live.attachLater("a");
    const output = textOf(attachment.output);
    const written = Promise.all([attachment.write(new TextEncoder().encode("hello")), attachment.end()]);
    const process = new WrittenProcess();
    await live.bindAttachments("a", process);
    await written;
    expect([await output, process.stdin]).toEqual(["first\n", ["hello", "EOF"]]);
  });

  test("ends attachments of a start that failed, without output", async () => {
    const live = new LiveContainers();
    const attachment = live.attachLater("a");
    const output = textOf(attachment.output);
    live.startFailed("a", 127);
    expect(await output).toBe("");
  });

  test("settled() waits for work behind replies, and a failure of it is heard", async () => {
    const live = new LiveContainers();
    const work = Promise.withResolvers<void>();
    const failures: string[] = [];
    live.behind(work.promise, (error) => failures.push(String(error)));
    const settled = live.settled();
    work.reject(new Error("disk full"));
    await settled;
    expect(failures).toEqual(["Error: disk full"]);
  });
});
