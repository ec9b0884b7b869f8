import type { Digest } from "#base";

/** What somebody is working with and nobody may sweep away; each hold releases all it took when it is disposed. */
export interface Hold extends AsyncDisposable {
  /** Protects a blob or layer from now on; waits for a removal of it that is under way, so that looking afterwards tells the truth. */
  take(kind: HeldKind, digest: Digest): Promise<void>;
  readonly taken: readonly HeldItem[];
}

export type HeldKind = "blob" | "layer";

export interface HeldItem {
  readonly kind: HeldKind;
  readonly digest: Digest;
}

/** Keeps removal and use of content apart, without a lock that would make pulls wait for each other. */
export class Holds {
  readonly #counts = new Map<string, number>();
  readonly #removals = new Map<string, Promise<void>>();

  /** `released` runs after the hold let go, for sweeping what it leaves unused. */
  open(released: (taken: readonly HeldItem[]) => Promise<void>): Hold {
    const taken: HeldItem[] = [];
    return {
      taken,
      take: async (kind, digest) => {
        const key = `${kind}:${digest}`;
        taken.push({ kind, digest });
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
        await this.#removals.get(key);
      },
      [Symbol.asyncDispose]: async () => {
        for (const { kind, digest } of taken) this.#release(`${kind}:${digest}`);
        await released(taken);
      },
    };
  }

  /** Whether a verb works with it right now. */
  isHeld({ kind, digest }: HeldItem): boolean {
    return this.#counts.has(`${kind}:${digest}`);
  }

  /** Removes what nobody holds; does nothing for what is held. */
  async discard({ kind, digest }: HeldItem, remove: () => Promise<void>): Promise<void> {
    const key = `${kind}:${digest}`;
    if (this.#counts.has(key) || this.#removals.has(key)) return;
    const removal = remove();
    this.#removals.set(key, removal);
    try {
      await removal;
    } finally {
      this.#removals.delete(key);
    }
  }

  #release(key: string): void {
    const count = (this.#counts.get(key) ?? 0) - 1;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}
