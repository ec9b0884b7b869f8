// Rows in SQLite behind a writer thread (state-writer.ts). Changes that come while a commit runs form the next group.
import { type Durability, type EngineError, fault, type Table } from "#base";
import { startWorker } from "#linux";
import { decodeRow, encodeRow } from "./row-text.ts";
import type { RowChange, StateReply, StateRequest } from "./state-message.ts";

interface Waiter {
  readonly resolve: (rows: readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

interface Group {
  /** By table and key: of several changes of one row in a group the last one counts. */
  readonly changes: Map<string, RowChange>;
  readonly waiters: Waiter[];
  durable: boolean;
}

/** Milliseconds that a lazy change waits for company. */
const laziness = 50;

type Unnumbered<Request> = Request extends { readonly id: number } ? Omit<Request, "id"> : never;

/**
 * The daemon's state: one SQLite file, one table a noun. `table` is cheap and may be called at any time; a table is made when it is first
 * named. Disposing commits what is open and closes the file. Killed at any instant it holds each change whole or not at all.
 */
export class StateDatabase implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #waiters = new Map<number, Waiter>();
  #nextId = 1;
  #group: Group | undefined;
  #committing: Promise<void> | undefined;
  #lazy: NodeJS.Timeout | undefined;
  #broken: EngineError | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener("message", (event: MessageEvent<StateReply>) => this.#receive(event.data));
    worker.addEventListener("error", (event: ErrorEvent) => this.#break(fault("unavailable", `state database: ${event.message}`)));
  }

  /** `reserve` is a file whose room commits may take on a full disk. @throws unavailable: another daemon uses the file, a newer version wrote it, it is no database, the disk fails */
  static async open(files: { readonly path: string; readonly reserve?: string }): Promise<StateDatabase> {
    const database = new StateDatabase(startWorker("state"));
    try {
      await database.#ask({ type: "open", ...files });
    } catch (error) {
      database.#worker.terminate();
      throw error;
    }
    return database;
  }

  /** @throws internal, at first use, when the name is not lower-case letters, digits and "_" */
  table<Row>(name: string): Table<Row> {
    return new StateTable<Row>({
      load: () => this.#ask({ type: "load", table: name }),
      change: (change, durability) => this.#change({ table: name, ...change }, durability),
    });
  }

  /** Reads every page; a sentence for each thing that is wrong. */
  check(): Promise<readonly string[]> {
    return this.#ask({ type: "check" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#broken !== undefined) return;
    if (this.#group !== undefined) this.#commitNow();
    await this.#committing;
    await this.#ask({ type: "close" });
    this.#broken = fault("unavailable", "state database: it is closed");
    this.#worker.terminate();
  }

  #change(change: RowChange, durability: Durability): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    const group: Group = this.#group ?? { changes: new Map(), waiters: [], durable: false };
    this.#group = group;
    group.changes.set(`${change.table}/${change.key}`, change);
    group.durable ||= durability === "durable";
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    group.waiters.push({ resolve: () => resolve(), reject });
    if (durability !== "lazy") this.#commitNow();
    else this.#lazy ??= setTimeout(() => this.#commitNow(), laziness);
    return promise;
  }

  #commitNow(): void {
    clearTimeout(this.#lazy);
    this.#lazy = undefined;
    this.#committing ??= this.#commitGroups();
  }

  async #commitGroups(): Promise<void> {
    // Changes of the same turn go together.
    await Promise.resolve();
    for (let group = this.#group; group !== undefined; group = this.#group) {
      this.#group = undefined;
      const { changes, durable, waiters } = group;
      try {
        await this.#ask({ type: "commit", durable, changes: [...changes.values()] });
        for (const waiter of waiters) waiter.resolve([]);
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        for (const waiter of waiters) waiter.reject(failure);
      }
    }
    this.#committing = undefined;
  }

  #ask(request: Unnumbered<StateRequest>): Promise<readonly string[]> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    this.#waiters.set(id, { resolve, reject });
    // A process that waits for a commit must not end; one that only holds the database open may.
    this.#worker.ref();
    this.#worker.postMessage({ ...request, id });
    return promise;
  }

  #receive(reply: StateReply): void {
    const waiter = this.#waiters.get(reply.id);
    this.#waiters.delete(reply.id);
    if (this.#waiters.size === 0) this.#worker.unref();
    if ("failure" in reply) waiter?.reject(fault(reply.failure.fault, reply.failure.message));
    else waiter?.resolve(reply.rows ?? []);
  }

  #break(error: EngineError): void {
    this.#broken = error;
    for (const waiter of this.#waiters.values()) waiter.reject(error);
    this.#waiters.clear();
  }
}

interface TableAccess {
  readonly load: () => Promise<readonly string[]>;
  readonly change: (change: { readonly key: string; readonly row?: string }, durability: Durability) => Promise<void>;
}

class StateTable<Row> implements Table<Row> {
  readonly #access: TableAccess;

  constructor(access: TableAccess) {
    this.#access = access;
  }

  async load(): Promise<readonly Row[]> {
    const rows = await this.#access.load();
    return rows.map((text) => decodeRow(text) as Row);
  }

  put(key: string, row: Row, durability: Durability): Promise<void> {
    return this.#access.change({ key, row: encodeRow(row) }, durability);
  }

  remove(key: string, durability: Durability): Promise<void> {
    return this.#access.change({ key }, durability);
  }
}
