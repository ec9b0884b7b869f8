// Opens the state database as it is, reads all of it once, and rebuilds it where the disk has spoiled it. What was a database is kept beside the
// new one as state.db.damaged-N; what could not be read out of it is a row of the table lost_row, so that no later daemon takes for garbage
// what a lost row was about.
import { Database, SQLiteError } from "bun:sqlite";
import { chmodSync, closeSync, existsSync, linkSync, openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { messageOf } from "#base";
import { syncFolder } from "./ingest-file.ts";
import { encodeRow } from "./row-text.ts";
import { sealRow, unsealRow } from "./row-seal.ts";
import { migrations, schemaOf, sealedSince, tablesOf } from "./state-migrations.ts";

const pageSize = 4096;
const lostRows = "lost_row";

/** Why the database cannot be used, in words for the person who starts the daemon. */
export class Refusal extends Error {}

export interface OpenedState {
  readonly database: Database;
  /** The text of every row, by table, in key order. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
}

/** A row that is not what was written; without a key: some of its table, nobody knows which. */
interface Lost {
  readonly table: string;
  readonly key?: string;
  readonly reason: string;
}

/** Where a page is spoiled a text may be anything. */
interface Cells {
  readonly key: string | number | null;
  readonly row: string | number | null;
}

interface Found {
  readonly sound: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly lost: readonly Lost[];
}

/** @throws Refusal; SQLiteError when the machine is in trouble */
export function openStateFile(path: string): OpenedState {
  // Rows hold what users pass to containers; the log takes its mode from the file.
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  let reason: string;
  try {
    const database = connect(path);
    const found = closedOnFailure(database, () => readAll(database));
    const complaint = closedOnFailure(database, () => complaints(database)[0]) ?? found.lost[0]?.reason;
    if (complaint === undefined) return { database, rows: inOrder(found) };
    reason = complaint;
    database.close(true);
  } catch (error) {
    if (!isDamage(error)) throw error;
    reason = messageOf(error);
  }
  rebuild(path, reason);
  const database = connect(path);
  return { database, rows: inOrder(closedOnFailure(database, () => readAll(database))) };
}

/** What SQLite says of its own pages. */
export function complaints(database: Database, depth: "quick_check" | "integrity_check" = "quick_check"): readonly string[] {
  using statement = database.prepare<Readonly<Record<string, string>>, []>(`PRAGMA ${depth}`);
  return statement.all().flatMap((row) => Object.values(row).filter((line) => line !== "ok"));
}

function connect(path: string): Database {
  const database = new Database(path, { create: true, readwrite: true, strict: true });
  return closedOnFailure(database, () => {
    database.run(`PRAGMA page_size = ${pageSize}`);
    database.run("PRAGMA locking_mode = EXCLUSIVE");
    // Takes the lock, recovers what a killed writer left, or finds that the file is something else.
    database.run("PRAGMA journal_mode = WAL");
    database.run("PRAGMA wal_autocheckpoint = 0");
    database.run("PRAGMA synchronous = FULL");
    migrate(database);
    return database;
  });
}

function closedOnFailure<Result>(database: Database, use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    database.close();
    if (error instanceof SQLiteError && error.code === "SQLITE_BUSY") throw new Refusal("another daemon uses it", { cause: error });
    throw error;
  }
}

function migrate(database: Database): void {
  const version = schemaOf(database);
  if (version > migrations.length) {
    throw new Refusal(
      `a newer version wrote it (schema ${version}, this one knows ${migrations.length}); start that version, or another data root`,
    );
  }
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    database.transaction(() => {
      step(database);
      database.run(`PRAGMA user_version = ${index + 1}`);
    })();
  }
}

/** A disk that is full or does not answer, and a lock, are no damage: they pass. */
function isDamage(error: unknown): boolean {
  return error instanceof SQLiteError && !/^SQLITE_(BUSY|FULL|IOERR|CANTOPEN|NOMEM|LOCKED|PERM)/.test(error.code ?? "");
}

/** All that can be read: each table from its beginning and, where that breaks off, from its end. */
function readAll(database: Database): Found {
  const isSealed = schemaOf(database) >= sealedSince;
  const sound = new Map<string, ReadonlyMap<string, string>>();
  const lost: Lost[] = [];
  for (const table of tablesOf(database)) {
    const { read, broken } = readTable(database, table);
    if (broken !== undefined) lost.push({ table, reason: broken });
    const rows = new Map<string, string>();
    sound.set(table, rows);
    for (const [key, row] of read) {
      // A row without a seal is an old database's.
      const text = !isSealed && !row.includes("\n") ? row : unsealRow(table, key, row);
      if (text === undefined) lost.push({ table, key, reason: "it is not what was written" });
      else rows.set(key, text);
    }
  }
  return { sound, lost };
}

function readTable(database: Database, table: string): { readonly read: ReadonlyMap<string, string>; readonly broken?: string } {
  const read = new Map<string, string>();
  let broken: string | undefined;
  for (const direction of ["ASC", "DESC"] as const) {
    try {
      using statement = database.prepare<Cells, []>(`SELECT key, row FROM "${table}" ORDER BY key ${direction}`);
      for (const { key, row } of statement.iterate()) read.set(String(key), String(row));
      if (broken === undefined) return { read };
    } catch (error) {
      if (!isDamage(error)) throw error;
      broken = messageOf(error);
    }
  }
  return { read, ...(broken !== undefined && { broken }) };
}

function inOrder({ sound }: Found): OpenedState["rows"] {
  return new Map([...sound].map(([table, rows]) => [table, [...rows.values()]]));
}

/** Makes a new database of all that can be read, and sets the old one aside. Cut short at any instant, the next start does it again. */
function rebuild(path: string, reason: string): void {
  const kept = freePath(`${path}.damaged-`);
  const { sound, lost } = readDamaged(path, reason);
  // The log of the old file must never be played into the new one.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${kept}-wal`);
  linkSync(path, kept);
  const fresh = `${path}.rebuilt`;
  for (const file of [fresh, `${fresh}-wal`]) rmSync(file, { force: true });
  closeSync(openSync(fresh, "a", 0o600));
  write(
    fresh,
    sound,
    [...lost.entries()].map(([index, each]) => [
      `${basename(kept)}/${index}`,
      { version: 1, id: `${basename(kept)}/${index}`, ...each, file: basename(kept) },
    ]),
  );
  renameSync(fresh, path);
  syncFolder(dirname(path));
}

function write(path: string, sound: Found["sound"], lost: readonly (readonly [string, object])[]): void {
  const database = connect(path);
  const add = (table: string, rows: Iterable<readonly [string, string]>): void => {
    database.run(`CREATE TABLE IF NOT EXISTS "${table}" (key TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID`);
    using insert = database.prepare(`INSERT INTO "${table}" (key, row) VALUES (?1, ?2)`);
    for (const [key, text] of rows) insert.run(key, sealRow(table, key, text));
  };
  database.transaction(() => {
    for (const [table, rows] of sound) if (isTableName(table)) add(table, rows);
    add(
      lostRows,
      lost.map(([key, row]) => [key, encodeRow(row)] as const),
    );
  })();
  database.close(true);
}

/** Of a file that may be no database at all. */
function readDamaged(path: string, reason: string): Found {
  try {
    using database = new Database(path, { readwrite: true, strict: true });
    database.run("PRAGMA locking_mode = EXCLUSIVE");
    const found = readAll(database);
    return found.lost.length > 0 ? found : { ...found, lost: [{ table: "*", reason }] };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { sound: new Map(), lost: [{ table: "*", reason: messageOf(error) }] };
  }
}

function isTableName(name: string): boolean {
  return /^[a-z][a-z0-9_]{0,62}$/.test(name);
}

function freePath(prefix: string): string {
  for (let number = 1; ; number += 1) if (!existsSync(`${prefix}${number}`)) return `${prefix}${number}`;
}
