// The one thread that touches the state database. Runs in a worker, so a slow disk never holds the daemon's loop.
//
// Write-ahead log, exclusive lock (no shared-memory file, a second daemon is refused). A group with a durable change commits with
// synchronous=FULL: one sync of the log. Any other commits without a sync: after kill -9 the pages are the kernel's, and after a power cut
// the log's checksums end it at the last whole commit. Checkpoints always sync, and wait for a quiet moment.
import { type Database, SQLiteError } from "bun:sqlite";
import { messageOf } from "#base";
import { ReserveFile } from "./reserve-file.ts";
import { sealRow } from "./row-seal.ts";
import { complaints, openStateFile, Refusal } from "./state-file.ts";
import type { RowChange, StateReply, StateRequest } from "./state-message.ts";

const pageSize = 4096;
/** Size of the log from which a checkpoint is made when nothing has come for `quiet`, and at which it no longer waits. */
const lazyLogBytes = 1024 * pageSize;
const maxLogBytes = 8192 * pageSize;
const quiet = 2000;
/** Milliseconds between two tries to make the reserve whole again. */
const refillTick = 2000;

interface Statements {
  put(key: string, row: string): void;
  remove(key: string): void;
  finalize(): void;
}

/** Applies requests to one database file; see `StateRequest`. */
export class StateWriter {
  readonly #tables = new Map<string, Statements>();
  /** Rows as they were at opening; undefined once they are loaded. */
  readonly #found = new Map<string, readonly string[] | undefined>();
  #database: Database | undefined;
  #path = "";
  #logBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #reserve: ReserveFile | undefined;
  #refilling: NodeJS.Timeout | undefined;

  answer(request: StateRequest): StateReply {
    try {
      switch (request.type) {
        case "open":
          this.#open(request.path);
          if (request.reserve !== undefined) this.#keepReserve(new ReserveFile(request.reserve));
          return { id: request.id };
        case "load":
          return { id: request.id, rows: this.#load(request.table) };
        case "commit":
          this.#withReserve(() => this.#commit(request.changes, request.durable));
          return { id: request.id };
        case "check":
          return { id: request.id, rows: this.#check() };
        case "close":
          this.#close();
          return { id: request.id };
        default:
          return request satisfies never;
      }
    } catch (error) {
      const isTheMachine = error instanceof SQLiteError || error instanceof Refusal || (error instanceof Error && "syscall" in error);
      const message = isFull(error) ? "no space left on device" : messageOf(error);
      return {
        id: request.id,
        failure: { fault: isTheMachine ? "unavailable" : "internal", message: `state database ${this.#path}: ${message}` },
      };
    }
  }

  #open(path: string): void {
    this.#path = path;
    const { database, rows } = openStateFile(path);
    this.#database = database;
    for (const [table, found] of rows) this.#found.set(table, found);
  }

  #keepReserve(reserve: ReserveFile): void {
    this.#reserve = reserve;
    this.#refill();
  }

  /** Makes the reserve whole, now or as soon as there is room. */
  #refill(): void {
    clearTimeout(this.#refilling);
    this.#refilling = this.#reserve?.fill() === false ? setTimeout(() => this.#refill(), refillTick) : undefined;
  }

  /** Runs what writes; on a full disk with room out of the reserve, as long as that lasts. */
  #withReserve(write: () => void): void {
    for (;;) {
      try {
        write();
        return;
      } catch (error) {
        if (!isFull(error) || this.#reserve?.give() !== true) throw error;
        this.#refilling ??= setTimeout(() => this.#refill(), refillTick);
      }
    }
  }

  #close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#refilling);
    // SQLite keeps a connection open, and its lock, as long as it has statements.
    for (const statements of this.#tables.values()) statements.finalize();
    this.#tables.clear();
    this.#found.clear();
    this.#database?.close(true);
    this.#database = undefined;
  }

  #load(table: string): readonly string[] {
    this.#table(table);
    const rows = this.#found.has(table) ? this.#found.get(table) : [];
    if (rows === undefined) throw new Error(`table ${table} was loaded before; its rows are in memory`);
    this.#found.set(table, undefined);
    return rows;
  }

  #check(): readonly string[] {
    return complaints(this.#opened(), "integrity_check");
  }

  #commit(changes: readonly RowChange[], durable: boolean): void {
    const database = this.#opened();
    for (const { table } of changes) {
      // Not inside the transaction: a table that is new is made by a commit of its own, once in a database's life.
      this.#table(table);
      if (!this.#found.has(table)) this.#found.set(table, []);
    }
    database.run(`PRAGMA synchronous = ${durable ? "FULL" : "OFF"}`);
    database.run("BEGIN IMMEDIATE");
    try {
      for (const change of changes) this.#apply(change);
      database.run("COMMIT");
    } catch (error) {
      if (database.inTransaction) database.run("ROLLBACK");
      throw error;
    }
    this.#watchLog(changes);
  }

  #apply(change: RowChange): void {
    const statements = this.#table(change.table);
    if (change.row === undefined) statements.remove(change.key);
    else statements.put(change.key, change.row);
  }

  /** The log grows by about what was written and a page for each change. */
  #watchLog(changes: readonly RowChange[]): void {
    for (const { row } of changes) this.#logBytes += pageSize * 2 + (row?.length ?? 0);
    clearTimeout(this.#timer);
    if (this.#logBytes > maxLogBytes) this.#checkpoint();
    else if (this.#logBytes > lazyLogBytes) this.#timer = setTimeout(() => this.#checkpoint(), quiet);
  }

  #checkpoint(): void {
    const database = this.#opened();
    try {
      database.run("PRAGMA synchronous = FULL");
      this.#withReserve(() => database.run("PRAGMA wal_checkpoint(TRUNCATE)"));
      this.#logBytes = 0;
    } catch (error) {
      if (!(error instanceof SQLiteError)) throw error;
      // A disk that is full or broken: every commit is whole in the log, which grows on until this succeeds.
      this.#logBytes = lazyLogBytes;
    }
  }

  #table(name: string): Statements {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name for a table`);
    const database = this.#opened();
    if (!hasTable(database, name)) database.run(`CREATE TABLE "${name}" (key TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID`);
    const put = database.prepare(`INSERT INTO "${name}" (key, row) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET row = ?2`);
    const remove = database.prepare(`DELETE FROM "${name}" WHERE key = ?1`);
    const statements: Statements = {
      put: (key, row) => void put.run(key, sealRow(name, key, row)),
      remove: (key) => void remove.run(key),
      finalize: () => {
        for (const statement of [put, remove]) statement.finalize();
      },
    };
    this.#tables.set(name, statements);
    return statements;
  }

  #opened(): Database {
    if (this.#database === undefined) throw new Refusal("it is not open");
    return this.#database;
  }
}

function isFull(error: unknown): boolean {
  return error instanceof SQLiteError && error.code === "SQLITE_FULL";
}

function hasTable(database: Database, name: string): boolean {
  using statement = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  return statement.get(name) !== null;
}

declare const self: Worker;

/** Makes the current thread the writer of a state database. */
export function serveStateDatabase(): void {
  const writer = new StateWriter();
  self.addEventListener("message", (event: MessageEvent<StateRequest>) => {
    self.postMessage(writer.answer(event.data));
  });
}
