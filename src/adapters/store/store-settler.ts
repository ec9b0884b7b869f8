import { statSync } from "node:fs";
import type { Settler } from "#image";
import type { StoreThreads } from "./store-threads.ts";

/** One syncfs for all who ask while another runs: it begins after each of them has asked. */
export class StoreSettler implements Settler {
  readonly #threads: StoreThreads;
  readonly #folders: readonly string[];
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** Folders that are there; those of one file system are synced together. */
  constructor(threads: StoreThreads, folders: readonly string[]) {
    this.#threads = threads;
    this.#folders = [...new Map(folders.map((folder) => [statSync(folder).dev, folder])).values()];
  }

  settle(): Promise<void> {
    this.#next ??= this.#running.then(() => this.#begin());
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    const settled = this.#threads.settle(this.#folders);
    this.#running = settled.catch(() => undefined);
    return settled;
  }
}
