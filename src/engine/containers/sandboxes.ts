import type { Table } from "#base";
import type { Endpoint } from "#network";

/** A sandbox as the state database keeps it: which endpoint, and for whom. */
export interface SandboxRow {
  readonly version: 1;
  readonly containerId: string;
  readonly endpoint: Endpoint;
}

/** Leased sandboxes by id. Rows are lazy: they go with the row of the container that holds the sandbox, and the kernel's objects do not survive a power cut either. */
export class Sandboxes {
  readonly #table: Table<SandboxRow>;
  readonly #rows = new Map<string, SandboxRow>();

  constructor(table: Table<SandboxRow>) {
    this.#table = table;
  }

  async load(): Promise<void> {
    for (const row of await this.#table.load()) this.#rows.set(row.endpoint.sandboxId, row);
  }

  all(): readonly SandboxRow[] {
    return [...this.#rows.values()];
  }

  endpoint(sandboxId: string | undefined): Endpoint | undefined {
    return sandboxId === undefined ? undefined : this.#rows.get(sandboxId)?.endpoint;
  }

  add(containerId: string, endpoint: Endpoint): Promise<void> {
    const row: SandboxRow = { version: 1, containerId, endpoint };
    this.#rows.set(endpoint.sandboxId, row);
    return this.#table.put(endpoint.sandboxId, row, "lazy");
  }

  remove(sandboxId: string): Promise<void> {
    this.#rows.delete(sandboxId);
    return this.#table.remove(sandboxId, "lazy");
  }
}
