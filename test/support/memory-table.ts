import type { Table } from "#base";

/** The in-memory twin of a table: what is acknowledged lives as long as `rows`, which a test hands to the next twin as a restart would. */
export class MemoryTable<Row> implements Table<Row> {
  readonly #rows: Map<string, Row>;
  #found: readonly Row[] | undefined;

  constructor(rows: Map<string, Row> = new Map()) {
    this.#rows = rows;
    this.#found = [...rows.entries()]
      .toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      .map(([, row]) => row);
  }

  load(): Promise<readonly Row[]> {
    if (this.#found === undefined) return Promise.reject(new Error("the table was loaded before; its rows are in memory"));
    const found = this.#found;
    this.#found = undefined;
    return Promise.resolve(found);
  }

  put(key: string, row: Row): Promise<void> {
    this.#rows.set(key, structuredClone(row));
    return Promise.resolve();
  }

  remove(key: string): Promise<void> {
    this.#rows.delete(key);
    return Promise.resolve();
  }
}
