import { closeFd, type KernelPort } from "#linux";

/** An interface to be deleted and, where we hold it, the namespace of its other end. */
export interface DoomedLink {
  readonly name: string;
  readonly namespaceFd?: number;
  /** Called when it is gone. */
  readonly gone?: () => void;
}

/** Milliseconds without a claim or a release that start a deletion, and how long the first in the queue waits at most. */
const quiet = 100;
const longest = 1000;

/**
 * Deletes interfaces behind the reply. The kernel waits 14 to 30 ms for a deletion, however many go in it, and holds meanwhile the
 * lock that each claim needs; the end of a namespace with an interface left costs the same. So both wait together for a quiet moment.
 */
export class LinkReaper {
  readonly #kernel: KernelPort;
  readonly #group: number;
  #doomed: DoomedLink[] = [];
  #timer: NodeJS.Timeout | undefined;
  #since = 0;
  #running: Promise<void> | undefined;

  /** `group`: the number of an interface group that only this daemon uses. */
  constructor(kernel: KernelPort, group: number) {
    this.#kernel = kernel;
    this.#group = group;
  }

  /** Deletes the interface soon, and closes the descriptor behind it. */
  delete(link: DoomedLink): void {
    if (this.#doomed.length === 0) this.#since = performance.now();
    this.#doomed.push(link);
    this.defer();
  }

  /** Somebody is busy: deletions wait a little longer. */
  defer(): void {
    if (this.#doomed.length === 0) return;
    clearTimeout(this.#timer);
    const left = this.#since + longest - performance.now();
    this.#timer = setTimeout(() => void this.flush(), Math.max(0, Math.min(quiet, left)));
  }

  /** Resolves when everything that was to be deleted is. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    // Whoever waits beside us may have begun the next batch meanwhile.
    while (this.#running !== undefined) await this.#running;
    if (this.#doomed.length === 0) return;
    this.#running = this.#deleteAll();
    await this.#running;
  }

  /** An interface that could not be deleted keeps its address reserved, and is debris for the next `reconcile`. */
  async #deleteAll(): Promise<void> {
    const batch = this.#doomed;
    this.#doomed = [];
    const names = batch.map((link) => link.name);
    const deleted = await this.#kernel.run("deleteLinks", names, this.#group).then(
      () => true,
      () => false,
    );
    for (const { namespaceFd, gone } of batch) {
      if (namespaceFd !== undefined) closeFd(namespaceFd);
      if (deleted) gone?.();
    }
    this.#running = undefined;
  }
}
