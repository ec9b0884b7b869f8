import type { KernelPort } from "#linux";
import { newId } from "#base";

interface TrashOptions {
  /** Absolute path on the file system of all that is discarded. */
  readonly folder: string;
  readonly kernel: KernelPort;
}

/** What one kernel call removes: tens of milliseconds of work. */
const slice = { entries: 512, bytes: 64 * 1024 * 1024 } as const;

/**
 * Removal that is quick and never stuck: a rename, then deletion in slices behind the reply. What an earlier daemon left is
 * deleted from the first moment on.
 */
export class Trash {
  readonly #folder: string;
  readonly #kernel: KernelPort;
  #refused: readonly string[] = [];
  #wanted = false;
  #sweeping: Promise<void> = Promise.resolve();
  #isSweeping = false;

  constructor({ folder, kernel }: TrashOptions) {
    this.#folder = folder;
    this.#kernel = kernel;
    this.#sweep();
  }

  /** What the kernel refused to delete in the last sweep, one sentence each; it stays in the folder and is tried again. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /** Takes a file or tree out of sight by one rename; what is not there is no error. @throws KernelError EXDEV on another file system */
  async discard(path: string): Promise<void> {
    if (await this.#kernel.run("moveToTrash", path, this.#folder, newId())) this.#sweep();
  }

  /** Resolves when everything discarded so far is deleted, or refused by the kernel. */
  async idle(): Promise<void> {
    while (this.#isSweeping) await this.#sweeping;
  }

  #sweep(): void {
    this.#wanted = true;
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#sweeping = this.#run();
  }

  async #run(): Promise<void> {
    const refused = new Set<string>();
    try {
      while (this.#wanted) {
        this.#wanted = false;
        refused.clear();
        for (;;) {
          const done = await this.#kernel.run("emptyTrash", this.#folder, slice);
          for (const reason of done.refused) refused.add(reason);
          if (done.finished || !done.progressed) break;
        }
      }
    } catch (error) {
      refused.add(error instanceof Error ? error.message : String(error));
    } finally {
      this.#refused = [...refused];
      this.#isSweeping = false;
    }
  }
}
