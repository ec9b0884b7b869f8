import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseInstant } from "#base";
import type { LogEntry, LogQuery } from "#log";
import { FileLogReader } from "./file-log-reader.ts";
import { rotateLog } from "./log-files.ts";

const everything: LogQuery = { stdout: true, stderr: true, follow: false };

let folder = "";
let path = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "log-"));
  path = join(folder, "log");
});
afterEach(() => rmSync(folder, { recursive: true }));

function record(second: number, text: string, stream: "stdout" | "stderr" = "stdout", tag: "F" | "P" = "F"): string {
  const time = new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString().slice(0, 19);
  return `${time}.000000007+00:00 ${stream} ${tag} ${text}\n`;
}

function records(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => record(from + index, `line ${from + index}`)).join("");
}

/** What the log holds when nobody writes. */
async function readAll(query: Partial<LogQuery> = {}): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  const options = { ended: Promise.resolve(), signal: new AbortController().signal };
  for await (const batch of new FileLogReader().read(path, { ...everything, ...query }, options))
    for (const { stream, at, bytes, partial } of batch) entries.push({ stream, at, bytes, partial });
  return entries;
}

function texts(entries: readonly LogEntry[]): readonly string[] {
  return entries.map((entry) => new TextDecoder().decode(entry.bytes));
}

describe("FileLogReader.read()", () => {
  test("gives stream, nanoseconds, bytes with their newline, and pieces", async () => {
    writeFileSync(path, record(1, "a b  c") + record(2, "piece", "stderr", "P") + record(2, "", "stderr") + record(3, ""));
    const at = (second: number): bigint => parseInstant(`2026-01-01T00:00:0${second}.000000007Z`) ?? 0n;
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    expect(await readAll()).toEqual([
      { stream: "stdout", at: at(1), bytes: bytes("a b  c\n"), partial: false },
      { stream: "stderr", at: at(2), bytes: bytes("piece"), partial: true },
      { stream: "stderr", at: at(2), bytes: bytes("\n"), partial: false },
      { stream: "stdout", at: at(3), bytes: bytes("\n"), partial: false },
    ]);
  });

  test("of a log that is not there gives nothing", async () => {
    expect(await readAll()).toEqual([]);
    expect(await readAll({ tail: 5 })).toEqual([]);
  });

  test("keeps to the streams that are asked for", async () => {
    writeFileSync(path, record(1, "out") + record(2, "err", "stderr"));
    expect(texts(await readAll({ stdout: false }))).toEqual(["err\n"]);
    expect(texts(await readAll({ stderr: false }))).toEqual(["out\n"]);
  });

  test("keeps to since and until, both included", async () => {
    writeFileSync(path, records(0, 10));
    const since = parseInstant("2026-01-01T00:00:03.000000007Z") ?? 0n;
    const until = parseInstant("2026-01-01T00:00:05.000000007Z") ?? 0n;
    expect(texts(await readAll({ since, until }))).toEqual(["line 3\n", "line 4\n", "line 5\n"]);
    expect(texts(await readAll({ since: since + 1n, until: until - 1n }))).toEqual(["line 4\n"]);
  });

  test("leaves out lines that are no records", async () => {
    writeFileSync(path, `\n2026 stdout\n2026-01-01T00:00:00.1Z stdin F x\nnever stdout F x\n${record(1, "good")}`);
    expect(texts(await readAll())).toEqual(["good\n"]);
  });

  test("gives the rest of a record that a killed monitor left", async () => {
    writeFileSync(path, record(1, "whole") + record(2, "cut short").slice(0, -5));
    const entries = await readAll();
    expect(texts(entries)).toEqual(["whole\n", "cut s"]);
    expect(entries.at(-1)?.partial).toBe(true);
  });

  test("gives every line of megabytes once, across chunks", async () => {
    const padding = "x".repeat(300);
    const lines = Array.from({ length: 10_000 }, (_, index) => `${index} ${padding}`);
    writeFileSync(path, lines.map((line) => record(1, line)).join(""));
    expect(texts(await readAll())).toEqual(lines.map((line) => `${line}\n`));
  });

  for (const tail of [0, 1, 3, 10_000, 10_001]) {
    test(`with tail ${tail} gives the last lines of megabytes`, async () => {
      const padding = "x".repeat(100);
      const lines = Array.from({ length: 10_000 }, (_, index) => `${index} ${padding}\n`);
      writeFileSync(path, lines.map((line) => record(1, line.trimEnd())).join(""));
      expect(texts(await readAll({ tail }))).toEqual(tail === 0 ? [] : lines.slice(-tail));
    });
  }

  test("with tail counts a line in pieces once", async () => {
    const pieces = record(2, "one", "stdout", "P") + record(2, "two", "stdout", "P") + record(2, "three");
    writeFileSync(path, record(1, "before") + pieces + record(3, "open", "stdout", "P"));
    expect(texts(await readAll({ tail: 2 }))).toEqual(["one", "two", "three\n", "open"]);
    expect(texts(await readAll({ tail: 1 }))).toEqual(["open"]);
  });

  test("with tail goes back into rotated files", async () => {
    writeFileSync(`${path}.9`, records(0, 5));
    writeFileSync(`${path}.10`, records(5, 10));
    writeFileSync(path, records(10, 12));
    expect(texts(await readAll({ tail: 4 }))).toEqual(["line 8\n", "line 9\n", "line 10\n", "line 11\n"]);
    expect(texts(await readAll({ tail: 8 })).length).toBe(8);
    expect(texts(await readAll()).length).toBe(12);
  });

  test("with tail finds a record longer than a chunk", async () => {
    writeFileSync(path, record(1, "a") + record(2, "b".repeat(600_000)) + record(3, "c"));
    expect((await readAll({ tail: 2 })).map((entry) => entry.bytes.length)).toEqual([600_001, 2]);
  });
});

describe("FileLogReader.read() with follow", () => {
  function follow(query: Partial<LogQuery> = {}): {
    seen: string[];
    finished: Promise<void>;
    end: () => void;
    abort: () => void;
    until: (count: number) => Promise<void>;
  } {
    const ended = Promise.withResolvers<void>();
    const abort = new AbortController();
    const seen: string[] = [];
    let wake: () => void = () => undefined;
    const finished = (async (): Promise<void> => {
      const options = { ended: ended.promise, signal: abort.signal };
      for await (const batch of new FileLogReader().read(path, { ...everything, follow: true, ...query }, options)) {
        seen.push(...texts([...batch]));
        wake();
      }
    })();
    const until = async (count: number): Promise<void> => {
      while (seen.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    return { seen, finished, end: () => ended.resolve(), abort: () => abort.abort(), until };
  }

  test("gives what is written later and ends when the log has ended", async () => {
    writeFileSync(path, records(0, 2));
    const reader = follow();
    await reader.until(2);
    appendFileSync(path, records(2, 4));
    await reader.until(4);
    appendFileSync(path, records(4, 5));
    reader.end();
    await reader.finished;
    expect(reader.seen).toEqual(["line 0\n", "line 1\n", "line 2\n", "line 3\n", "line 4\n"]);
  });

  test("waits for a log that does not exist yet", async () => {
    const reader = follow({ tail: 10 });
    writeFileSync(path, records(0, 1));
    await reader.until(1);
    reader.end();
    await reader.finished;
    expect(reader.seen).toEqual(["line 0\n"]);
  });

  test("with tail 0 begins with the next line", async () => {
    writeFileSync(path, records(0, 2));
    const reader = follow({ tail: 0 });
    const marker = follow();
    // How far the two readers are is theirs to decide; the marker only paces the writing.
    let line = 2;
    while (reader.seen.length === 0) {
      appendFileSync(path, records(line, line + 1));
      line += 1;
      await marker.until(line);
    }
    reader.end();
    marker.end();
    await Promise.all([reader.finished, marker.finished]);
    expect(marker.seen.slice(-reader.seen.length)).toEqual(reader.seen);
    expect(reader.seen).not.toContain("line 1\n");
  });

  test("ends when its signal aborts", async () => {
    writeFileSync(path, records(0, 1));
    const reader = follow();
    await reader.until(1);
    reader.abort();
    await reader.finished;
    expect(reader.seen).toEqual(["line 0\n"]);
  });

  test("ends behind until", async () => {
    const reader = follow({ until: parseInstant("2026-01-01T00:00:02Z") ?? 0n });
    writeFileSync(path, records(0, 5));
    await reader.finished;
    expect(reader.seen).toEqual(["line 0\n", "line 1\n"]);
  });

  test("loses, splits and doubles no line through rotations, also two at once", async () => {
    writeFileSync(path, "");
    const reader = follow();
    let line = 0;
    for (let round = 0; round < 40; round += 1) {
      appendFileSync(path, records(line, line + 25));
      line += 25;
      await rotateLog(path, 5);
      // The monitor may write to the renamed file until it is told.
      appendFileSync(`${path}.${round + 1}`, records(line, line + 5));
      line += 5;
      writeFileSync(path, "");
      if (round % 2 === 0) await reader.until(line);
    }
    reader.end();
    await reader.finished;
    expect(reader.seen).toEqual(Array.from({ length: line }, (_, index) => `line ${index}\n`));
  });
});
