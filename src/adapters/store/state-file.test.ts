// I08 for the state database: whatever one flipped bit does to it is found, and a daemon starts with all the rest.
import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeRow, encodeRow } from "./row-text.ts";
import { StateWriter } from "./state-writer.ts";

const tables = ["containers", "images", "layer_blob"] as const;

let folder = "";
let path = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gantry-state-"));
  path = join(folder, "state.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

interface LostRow {
  readonly id: string;
  readonly table: string;
  readonly key?: string;
  readonly reason: string;
  readonly file: string;
}

/** Rows of several sizes: many on a page, one a page, and some that need pages of their own. */
function rowOf(table: string, index: number): object {
  return { table, index, text: `${table}${index}.`.repeat(index % 10 === 0 ? 900 : 30) };
}

function fill(file: string): void {
  const writer = new StateWriter();
  writer.answer({ type: "open", id: 1, path: file });
  const changes = tables.flatMap((table) =>
    Array.from({ length: 40 }, (_, index) => ({ table, key: `key-${index}`, row: encodeRow(rowOf(table, index)) })),
  );
  expect(writer.answer({ type: "commit", id: 2, durable: true, changes })).toEqual({ id: 2 });
  writer.answer({ type: "close", id: 3 });
}

interface Opened {
  readonly rows: Readonly<Record<string, readonly unknown[]>>;
  readonly lost: readonly LostRow[];
}

/** What a daemon finds; the words of the refusal where it does not start. */
function open(file: string): Opened | string {
  const writer = new StateWriter();
  const reply = writer.answer({ type: "open", id: 1, path: file });
  if ("failure" in reply) return reply.failure.message;
  const load = (table: string): readonly unknown[] => {
    const loaded = writer.answer({ type: "load", id: 2, table });
    if ("failure" in loaded) throw new Error(loaded.failure.message);
    return (loaded.rows ?? []).map(decodeRow);
  };
  const opened = { rows: Object.fromEntries(tables.map((table) => [table, load(table)])), lost: load("lost_row") as readonly LostRow[] };
  expect(writer.answer({ type: "check", id: 3 })).toEqual({ id: 3, rows: [] });
  writer.answer({ type: "close", id: 4 });
  return opened;
}

function opened(file: string): Opened {
  const found = open(file);
  if (typeof found === "string") throw new Error(found);
  return found;
}

/** Throws for a row that was never written, and gives how many are gone. */
function missingOf({ rows }: Opened): number {
  const found = tables.flatMap((table) => (rows[table] ?? []).map((row) => [table, row] as const));
  for (const [table, row] of found) expect(row).toEqual(rowOf(table, (row as { readonly index: number }).index));
  return tables.length * 40 - found.length;
}

function flipBit(file: string, bit: number): void {
  const bytes = readFileSync(file);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  writeFileSync(file, bytes);
}

test("I08 one flipped bit anywhere in the file: each row is what it was or known to be lost, and the daemon starts", () => {
  fill(path);
  const size = statSync(path).size;
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const outcomes = { same: 0, lost: 0, newer: 0 };
  for (let round = 0; round < 200; round += 1) {
    const copy = join(folder, `${round}.db`);
    copyFileSync(path, copy);
    // Every tenth in the header, where all of it hangs on a few bytes.
    const bit = random((round % 10 === 0 ? 120 : size) * 8);
    flipBit(copy, bit);
    const found = open(copy);
    if (typeof found === "string") {
      // The schema's number itself: nothing tells it from a newer version's.
      expect([found.includes("a newer version wrote it"), bit >= 60 * 8 && bit < 64 * 8]).toEqual([true, true]);
      outcomes.newer += 1;
      continue;
    }
    const missing = missingOf(found);
    if (missing > 0) expect(found.lost.length).toBeGreaterThan(0);
    // What no row needed (free bytes) may go unnoticed; whatever was noticed stays beside it.
    expect(readdirSync(folder).includes(`${round}.db.damaged-1`)).toBe(found.lost.length > 0);
    expect(open(copy)).toEqual(found);
    outcomes[found.lost.length > 0 ? "lost" : "same"] += 1;
  }
  expect(outcomes.lost).toBeGreaterThan(100);
}, 60_000);

describe("openStateFile()", () => {
  test("names the row whose letter was changed, keeps the others, and sets the file aside", () => {
    fill(path);
    const bytes = readFileSync(path);
    // SQLite leaves copies where a page was split.
    for (let at = bytes.indexOf('"images7.images7.'); at >= 0; at = bytes.indexOf('"images7.images7.', at))
      bytes[at + 1] = "I".charCodeAt(0);
    writeFileSync(path, bytes);
    const found = opened(path);
    expect(found.lost).toEqual([
      {
        version: 1,
        id: "state.db.damaged-1/0",
        table: "images",
        key: "key-7",
        reason: "it is not what was written",
        file: "state.db.damaged-1",
      } as LostRow,
    ]);
    expect(missingOf(found)).toBe(1);
    expect(readFileSync(`${path}.damaged-1`)).toEqual(bytes);
  });

  test("starts anew beside a file that is no database, and beside one that was cut", () => {
    writeFileSync(path, "x".repeat(10_000));
    expect(opened(path)).toEqual({
      rows: { containers: [], images: [], layer_blob: [] },
      lost: [
        { version: 1, id: "state.db.damaged-1/0", table: "*", reason: "file is not a database", file: "state.db.damaged-1" } as LostRow,
      ],
    });
    const cut = join(folder, "cut.db");
    fill(cut);
    truncateSync(cut, Math.floor(statSync(cut).size / 8192) * 4096);
    const found = opened(cut);
    expect(missingOf(found)).toBeGreaterThan(0);
    expect(found.lost.length).toBeGreaterThan(0);
  });

  test("takes the rows of a database from before rows had checksums", () => {
    fill(path);
    {
      using sqlite = new Database(path);
      for (const table of tables) sqlite.run(`UPDATE ${table} SET row = substr(row, 1, length(row) - 9)`);
      sqlite.run("PRAGMA user_version = 1");
    }
    expect([missingOf(opened(path)), opened(path).lost]).toEqual([0, []]);
    expect(readdirSync(folder)).toEqual(["state.db"]);
  });

  test("does not play the log of a broken file into the new one", () => {
    fill(path);
    const writer = new StateWriter();
    writer.answer({ type: "open", id: 1, path });
    writer.answer({
      type: "commit",
      id: 2,
      durable: true,
      changes: [{ table: "images", key: "last", row: encodeRow(rowOf("images", 41)) }],
    });
    const copy = join(folder, "copy.db");
    for (const tail of ["", "-wal"]) copyFileSync(`${path}${tail}`, `${copy}${tail}`);
    writer.answer({ type: "close", id: 3 });
    writeFileSync(copy, "no database any more", { flag: "r+" });
    const found = opened(copy);
    expect(found.lost.length).toBeGreaterThan(0);
    missingOf(found);
    expect(readdirSync(folder)).toContain("copy.db.damaged-1");
  });
});
