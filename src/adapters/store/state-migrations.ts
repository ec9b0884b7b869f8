import type { Database } from "bun:sqlite";

/**
 * Steps from one schema to the next; the database's `user_version` counts those that were taken. Never edited once released.
 *
 * 1: each noun has a table of (key, row), made when it is first named, and "engine" is there at once; a row is text as `encodeRow` writes it.
 */
export const migrations: readonly ((database: Database) => void)[] = [
  (database) => {
    database.run("CREATE TABLE engine (key TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID");
  },
];
