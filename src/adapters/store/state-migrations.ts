import type { Database } from "bun:sqlite";
import { sealRow } from "./row-seal.ts";

/**
 * Steps from one schema to the next; the database's `user_version` counts those that were taken. Never edited once released.
 *
 * 1: each noun has a table of (key, row), made when it is first named, and "engine" is there at once; a row is text as `encodeRow` writes it.
 * 2: each row's text ends in its checksum (row-seal.ts).
 */
export const migrations: readonly ((database: Database) => void)[] = [
  (database) => {
    database.run("CREATE TABLE engine (key TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID");
  },
  (database) => {
    for (const table of tablesOf(database)) {
      using all = database.prepare<{ key: string; row: string }, []>(`SELECT key, row FROM "${table}"`);
      using update = database.prepare(`UPDATE "${table}" SET row = ?2 WHERE key = ?1`);
      for (const { key, row } of all.all()) if (!row.includes("\n")) update.run(key, sealRow(table, key, row));
    }
  },
];

/** The schema from which on rows are sealed. */
export const sealedSince = 2;

/** Names of the nouns that were ever written. */
export function tablesOf(database: Database): readonly string[] {
  using names = database.prepare<{ name: string }, []>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  return names.all().map(({ name }) => name);
}

export function schemaOf(database: Database): number {
  using statement = database.prepare<{ user_version: number }, []>("PRAGMA user_version");
  return statement.get()?.user_version ?? 0;
}
