interface Kept {
  readonly authorization: string;
  /** Milliseconds of the clock. */
  readonly until: number;
}

/** More would be kept for nobody: the oldest goes. */
const maxKept = 256;
/** Milliseconds before its end at which a token is no longer shown: it has to arrive while it holds. */
const margin = 5_000;

/** What a registry took as a proof, kept by scope and by whose it is, as long as it holds. */
export class TokenCache {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get(key: string): string | undefined {
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.until > this.#now()) return kept.authorization;
    this.#kept.delete(key);
    return undefined;
  }

  /** `lifetime` in seconds. */
  set(key: string, authorization: string, lifetime: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, { authorization, until: this.#now() + lifetime * 1000 - margin });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > maxKept && oldest !== undefined) this.#kept.delete(oldest);
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }
}
