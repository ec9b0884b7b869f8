import type { Table } from "#base";

/** A row that the disk has spoiled: what it was about is unknown. Without a key: some of its table; table "*": some of any. */
export interface LostRow {
  readonly version: 1;
  readonly id: string;
  readonly table: string;
  readonly key?: string;
  readonly reason: string;
  /** Beside the state database: what it was before it was made anew. */
  readonly file: string;
}

/**
 * What the state database could not give back. As long as there is any, nothing is taken for garbage only because no row names it; a repair
 * forgets them, and then what they were about goes.
 */
export class LostRows {
  readonly #table: Table<LostRow>;
  #rows: readonly LostRow[] = [];

  constructor(table: Table<LostRow>) {
    this.#table = table;
  }

  async load(): Promise<void> {
    this.#rows = await this.#table.load();
  }

  get any(): boolean {
    return this.#rows.length > 0;
  }

  all(): readonly LostRow[] {
    return this.#rows;
  }

  /** For `info`, in a sentence a row. */
  warnings(): readonly string[] {
    return this.#rows.map(
      (row) => `WARNING: a row of the state database was lost: ${lostRowName(row)} (kept in ${row.file}); see "gantry system check"`,
    );
  }

  async forget(): Promise<void> {
    await Promise.all(this.#rows.map(({ id }) => this.#table.remove(id, "durable")));
    this.#rows = [];
  }
}

/** "images/sha256:..." */
export function lostRowName({ table, key = "?" }: LostRow): string {
  return `${table}/${key}`;
}
