import { fault, isFault } from "#base";
import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolPath } from "../../../test/support/tools.ts";
import { decodeRow, encodeRow } from "./row-text.ts";
import { StateDatabase } from "./state-database.ts";
import { StateWriter } from "./state-writer.ts";

const child = new URL("../../../test/support/state-child.ts", import.meta.url).pathname;

let folder = "";
let path = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gantry-state-"));
  path = join(folder, "state.db");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Row {
  readonly n: number;
  readonly padding: string;
  readonly again: number;
}

function row(n: number): Row {
  return { n, padding: `${n}.`.repeat(5000), again: n };
}

async function messageFrom(promise: Promise<unknown>): Promise<{ readonly fault: string; readonly message: string }> {
  const error = await promise.then(
    () => fault("internal", "nothing was thrown"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error) || !("fault" in error)) throw error;
  return { fault: String(error.fault), message: error.message };
}

/** The numbers of the two rows; a row that is torn, or a file that is broken, throws. */
async function numbersIn(file: string): Promise<readonly number[]> {
  {
    await using database = await StateDatabase.open({ path: file });
    const rows = await database.table<Row>("counter").load();
    for (const { n, padding, again } of rows) {
      if (again !== n || padding !== row(n).padding) throw new Error(`row ${n} is torn`);
    }
    const numbers = rows.map(({ n }) => n);
    await checkIntegrity(file, database);
    return numbers;
  }
}

async function checkIntegrity(file: string, database: StateDatabase): Promise<void> {
  await database[Symbol.asyncDispose]();
  using sqlite = new Database(file, { readwrite: true });
  expect(sqlite.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
}

async function writePair(n: number): Promise<void> {
  await using database = await StateDatabase.open({ path });
  const table = database.table<Row>("counter");
  await Promise.all([table.put("one", row(n), "durable"), table.put("other", row(n), "durable")]);
}

describe("StateDatabase", () => {
  test("open() refuses a file that a newer version wrote and leaves it as it is", async () => {
    await writePair(1);
    {
      using sqlite = new Database(path);
      sqlite.run("PRAGMA user_version = 99");
    }
    expect(await messageFrom(StateDatabase.open({ path }))).toEqual({
      fault: "unavailable",
      message: `state database ${path}: a newer version wrote it (schema 99, this one knows 2); start that version, or another data root`,
    });
    using sqlite = new Database(path);
    expect(sqlite.query("PRAGMA user_version").get()).toEqual({ user_version: 99 });
    expect(sqlite.query("SELECT key FROM counter ORDER BY key").all()).toEqual([{ key: "one" }, { key: "other" }]);
  });

  test("open() refuses a file that another daemon uses", async () => {
    await using first = await StateDatabase.open({ path });
    await first.table("containers").put("x", 1, "volatile");
    expect(await messageFrom(StateDatabase.open({ path }))).toEqual({
      fault: "unavailable",
      message: `state database ${path}: another daemon uses it`,
    });
  });

  test("open() of a path that cannot be made says which", async () => {
    const wrong = join(folder, "missing", "state.db");
    const { fault: kind, message } = await messageFrom(StateDatabase.open({ path: wrong }));
    expect(kind).toBe("unavailable");
    expect(message).toStartWith(`state database ${wrong}: `);
  });

  test("open() makes files that only their owner reads, and closes those that were open", async () => {
    writeFileSync(path, "", { mode: 0o644 });
    await using database = await StateDatabase.open({ path });
    await database.table("containers").put("x", 1, "volatile");
    expect(["state.db", "state.db-wal"].map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  test("put() after disposal is refused, and disposal keeps what was asked for before", async () => {
    const database = await StateDatabase.open({ path });
    const table = database.table<Row>("counter");
    const puts = [table.put("one", row(1), "volatile"), table.put("one", row(2), "volatile")];
    await database[Symbol.asyncDispose]();
    await Promise.all(puts);
    expect(isFault(await table.put("one", row(3), "volatile").catch((error: unknown) => error), "unavailable")).toBe(true);
    expect(await numbersIn(path)).toEqual([2]);
  });

  test("table() with a name that is none fails at first use and takes nothing else along", async () => {
    await using database = await StateDatabase.open({ path });
    expect((await messageFrom(database.table('x"; DROP TABLE counter; --').put("k", 1, "durable"))).fault).toBe("internal");
    await database.table("counter").put("k", 1, "durable");
    expect(await database.table("counter").load()).toEqual([]);
  });

  test("put() waits for its group: many in one turn cost one commit", async () => {
    await using database = await StateDatabase.open({ path });
    const table = database.table<number>("counter");
    await table.put("first", 0, "durable");
    const before = statSync(`${path}-wal`).size;
    await Promise.all(Array.from({ length: 50 }, (_, n) => table.put("same", n, "durable")));
    // One page and its frame header, where 50 commits would be 50.
    expect(statSync(`${path}-wal`).size - before).toBe(4096 + 24);
  });

  test("commit() of a group that fails changes nothing and does not disturb the next", () => {
    const writer = new StateWriter();
    writer.answer({ type: "open", id: 1, path });
    const changes = [
      { table: "counter", key: "one", row: encodeRow(1) },
      { table: "counter", key: null as unknown as string, row: "2" },
    ];
    expect(writer.answer({ type: "commit", id: 2, durable: true, changes })).toMatchObject({ id: 2, failure: { fault: "unavailable" } });
    expect(writer.answer({ type: "commit", id: 3, durable: true, changes: [{ table: "counter", key: "ok", row: "3" }] })).toEqual({
      id: 3,
    });
    expect(writer.answer({ type: "close", id: 4 })).toEqual({ id: 4 });
    using sqlite = new Database(path);
    expect(sqlite.query("SELECT key FROM counter").all()).toEqual([{ key: "ok" }]);
  });
});

describe("encodeRow()", () => {
  test("refuses what JSON would change without a word", () => {
    for (const value of [new Map(), new Set(), new Uint8Array(1), new Date(), () => 1, undefined])
      expect(() => encodeRow(value)).toThrow(TypeError);
    expect(() => encodeRow({ deep: [new Map()] })).toThrow("a row cannot hold a Map");
  });

  test("keeps a text that looks like a bigint's", () => {
    expect(decodeRow(encodeRow(['"$bigint":"1"', { a: "$bigint" }]))).toEqual(['"$bigint":"1"', { a: "$bigint" }]);
  });
});

describe("StateDatabase after a crash (I06)", () => {
  test("holds the old state or the new one at every length that a killed write leaves of the log", async () => {
    const writer = new StateWriter();
    writer.answer({ type: "open", id: 1, path });
    const pair = (n: number) => ["one", "other"].map((key) => ({ table: "counter", key, row: encodeRow(row(n)) }));
    writer.answer({ type: "commit", id: 2, durable: true, changes: pair(1) });
    const oldLength = statSync(`${path}-wal`).size;
    writer.answer({ type: "commit", id: 3, durable: true, changes: pair(2) });
    const newLength = statSync(`${path}-wal`).size;
    const seen = new Set<string>();
    // Frames are 24 + 4,096 bytes, each written by two calls; 1,030 divides a frame and falls inside its parts.
    for (let length = oldLength; length <= newLength; length += 1030) {
      const copy = mkdtempSync(join(folder, "copy-"));
      for (const name of readdirSync(folder).filter((file) => file.startsWith("state.db"))) cpSync(join(folder, name), join(copy, name));
      await truncate(join(copy, "state.db-wal"), length);
      const numbers = await numbersIn(join(copy, "state.db"));
      expect(numbers).toEqual(length === newLength ? [2, 2] : [1, 1]);
      seen.add(numbers.join());
    }
    writer.answer({ type: "close", id: 4 });
    expect([...seen]).toEqual(["1,1", "2,2"]);
  });

  test("holds the old state or the new one when the writer is killed at each of its system calls", async () => {
    await writePair(1);
    const seen = new Set<string>();
    let steps = 0;
    for (const call of ["pwrite64", "fsync", "ftruncate", "unlink"]) {
      for (let step = 1, ended = false; !ended; step += 1, steps += 1) {
        const copy = join(folder, `${call}-${step}.db`);
        cpSync(path, copy);
        const inject = ["-f", "-qq", "-o", "/dev/null", "-e", `inject=${call}:signal=SIGKILL:when=${step}`];
        const run = Bun.spawn([toolPath("strace"), ...inject, process.execPath, child, "fixed", copy], {
          stdout: "pipe",
          stderr: "inherit",
        });
        const acknowledged = (await run.stdout.text()) === "2\n";
        ended = (await run.exited) === 0;
        const numbers = await numbersIn(copy);
        if (acknowledged) expect(numbers).toEqual([2, 2]);
        else expect(["1,1", "2,2"]).toContain(numbers.join());
        seen.add(`${numbers.join()} ${acknowledged ? "acknowledged" : "killed"}`);
      }
    }
    expect(steps).toBeGreaterThan(25);
    expect(seen).toContain("1,1 killed");
    expect(seen).toContain("2,2 acknowledged");
  }, 120_000);

  test("holds every acknowledged change after kill -9 at any moment, and goes on from there", async () => {
    let last = 0;
    for (let round = 0; round < 10; round += 1) {
      const writer = Bun.spawn([process.execPath, child, "count", path], {
        stdout: "pipe",
        stderr: "inherit",
        env: { ...process.env, FROM: String(last) },
      });
      const goal = last + 1 + round * 3;
      for await (const chunk of writer.stdout) {
        last = Number(new TextDecoder().decode(chunk).trim().split("\n").at(-1) ?? last);
        if (last >= goal) writer.kill("SIGKILL");
      }
      await writer.exited;
      const [one, other, ...more] = await numbersIn(path);
      expect({ one: one === other, more }).toEqual({ one: true, more: [] });
      // At most the one group that was committed and not yet told of.
      expect([last, last + 1]).toContain(one ?? -1);
      last = one ?? last;
    }
    expect(last).toBeGreaterThan(30);
  }, 60_000);
});

describe("StateDatabase and the disk (S7)", () => {
  async function syncsOf(durability: "durable" | "volatile"): Promise<number> {
    const trace = join(folder, "trace");
    const command = [toolPath("strace"), "-f", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync,syncfs,sync,write"];
    const run = Bun.spawn([...command, process.execPath, child, "runs", path, durability], { stdout: "inherit", stderr: "ignore" });
    expect(await run.exited).toBe(0);
    const lines = (await Bun.file(trace).text()).split("\n");
    const from = lines.findIndex((line) => line.includes('write(2, "BEGIN'));
    const to = lines.findIndex((line) => line.includes('write(2, "END'));
    expect(from).toBeGreaterThan(0);
    expect(to).toBeGreaterThan(from);
    return lines.slice(from, to).filter((line) => /(fsync|fdatasync|syncfs|sync)\(/.test(line)).length;
  }

  test("put() that is volatile never syncs: 20 runs with --rm cost 0", async () => {
    expect(await syncsOf("volatile")).toBe(0);
  }, 30_000);

  test("put() that is durable syncs once: 20 runs cost 2 each", async () => {
    expect(await syncsOf("durable")).toBe(40);
  }, 30_000);
});
