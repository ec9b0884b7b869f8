import type { KernelPort } from "#linux";

interface Doomed {
  readonly name: string;
  readonly gone: () => void;
}

/**
 * Deletes interfaces behind the reply. The kernel waits 14 to 22 ms for a deletion, however many go in it, so those that come while one
 * runs go together in the next.
 */
export class LinkReaper {
  readonly #kernel: KernelPort;
  readonly #group: number;
  #doomed: Doomed[] = [];
  #running: Promise<void> | undefined;

  /** `group`: the number of an interface group that only this daemon uses. */
  constructor(kernel: KernelPort, group: number) {
    this.#kernel = kernel;
    this.#group = group;
  }

  /** Deletes the interface soon; `gone` is called when it is. */
  delete(name: string, gone: () => void): void {
    this.#doomed.push({ name, gone });
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is left to delete. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // Those that are released in the same moment go in the first batch already.
    await Promise.resolve();
    while (this.#doomed.length > 0) {
      const batch = this.#doomed;
      this.#doomed = [];
      await this.#deleteAll(batch);
    }
    this.#running = undefined;
  }

  /** An interface that could not be deleted keeps its address reserved, and is debris for the next `reconcile`. */
  async #deleteAll(batch: readonly Doomed[]): Promise<void> {
    const names = batch.map((link) => link.name);
    const deleted = await this.#kernel.run("deleteLinks", names, this.#group).then(
      () => true,
      () => false,
    );
    if (deleted) for (const link of batch) link.gone();
  }
}
