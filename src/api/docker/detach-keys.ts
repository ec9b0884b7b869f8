import { fault } from "#base";

const control = new Map<string, number>([
  ...Array.from({ length: 26 }, (_, index) => [String.fromCharCode(97 + index), index + 1] as const),
  ["@", 0],
  ["[", 27],
  ["\\", 28],
  ["]", 29],
  ["^", 30],
  ["_", 31],
]);

/** ctrl-p ctrl-q */
const defaultKeys: readonly number[] = [16, 17];

/** Reads "ctrl-p,ctrl-q"; nothing said is Docker's default. @throws invalid with the text that does not parse */
export function parseDetachKeys(text: string | undefined, refusal: (text: string) => string): readonly number[] {
  if (text === undefined || text === "") return defaultKeys;
  return text.split(",").map((key) => {
    const code = key.startsWith("ctrl-") ? control.get(key.slice("ctrl-".length)) : key.length === 1 ? key.charCodeAt(0) : undefined;
    if (code === undefined || code > 127) throw fault("invalid", refusal(text));
    return code;
  });
}

/** Watches a terminal's input for the keys that detach. Keys that only begin the sequence wait until it is known. */
export class DetachWatch {
  readonly #keys: readonly number[];
  #matched = 0;

  constructor(keys: readonly number[]) {
    this.#keys = keys;
  }

  /** What goes on to the process, and whether the sequence is complete: then nothing behind it counts. */
  push(bytes: Uint8Array): { readonly pass: Uint8Array; readonly detached: boolean } {
    const pass: number[] = [];
    for (const byte of bytes) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched += 1;
        if (this.#matched === this.#keys.length) return { pass: Uint8Array.from(pass), detached: true };
        continue;
      }
      pass.push(...this.#keys.slice(0, this.#matched));
      this.#matched = 0;
      if (byte === this.#keys[0]) this.#matched = 1;
      else pass.push(byte);
    }
    return { pass: Uint8Array.from(pass), detached: false };
  }
}
