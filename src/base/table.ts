/** How long an acknowledged change must live: `durable` outlives a power cut, `volatile` outlives only the daemon. */
export type Durability = "durable" | "volatile";

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
