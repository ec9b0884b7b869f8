import type { Invocation } from "./command.ts";

/** Docker's default: ctrl-p, ctrl-q. */
export const defaultDetachKeys = "ctrl-p,ctrl-q";

/**
 * Reads a sequence such as "ctrl-p,ctrl-q" or "a,b" into its bytes.
 * @throws Error in Docker's words for a key that is none
 */
export function parseDetachKeys(keys: string): Uint8Array {
  return Uint8Array.from(keys.split(","), (key) => {
    if (key.length === 1) return key.charCodeAt(0);
    const named = /^ctrl-([a-zA-Z@[\\\]^_])$/.exec(key)?.[1];
    if (named === undefined) throw new Error(`Unknown character: '${key}'`);
    return named.toLowerCase().charCodeAt(0) & 0x1f;
  });
}

/** What the user wrote for this call, or in the settings; the empty string where Docker's default counts. */
export function chosenDetachKeys({ flags, config }: Pick<Invocation, "flags" | "config">): string {
  return flags.text("detach-keys") || config.text("detachKeys");
}

/** What became of a piece of input: bytes to pass on, and whether the sequence is complete. */
export interface Screened {
  readonly bytes: Uint8Array;
  readonly detached: boolean;
}

/** Watches input for the detach sequence, also across pieces; keys of a sequence that breaks off are passed on. */
export class DetachWatch {
  readonly #keys: Uint8Array;
  #matched = 0;

  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  screen(input: Uint8Array): Screened {
    const passed: number[] = [];
    for (const byte of input) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched += 1;
        if (this.#matched === this.#keys.length) return { bytes: Uint8Array.from(passed), detached: true };
        continue;
      }
      passed.push(...this.#keys.subarray(0, this.#matched));
      this.#matched = byte === this.#keys[0] ? 1 : 0;
      if (this.#matched === 0) passed.push(byte);
    }
    return { bytes: Uint8Array.from(passed), detached: false };
  }
}
