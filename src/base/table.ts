/**
 * How long an acknowledged change must live: `durable` outlives a power cut, `volatile` outlives only the daemon. `lazy` is volatile and not
 * waited for: it goes with the next change that is, or some milliseconds later, so that what comes and goes quickly costs no commit of its own.
 */
export type Durability = "durable" | "volatile" | "lazy";

/**
 * Rows of one noun in the state database, keyed by text.
 *
 * `load` gives what was there when the database was opened, once, in key order. `put` and `remove` are idempotent,
 * applied in the order of their calls, and resolve after the group commit that holds them; a `durable` one resolves
 * after the sync. A reader of `load` after `kill -9` sees each acknowledged change whole or (never acknowledged) not at all.
 */
export interface Table<Row> {
  load(): Promise<readonly Row[]>;
  put(key: string, row: Row, durability: Durability): Promise<void>;
  remove(key: string, durability: Durability): Promise<void>;
}
