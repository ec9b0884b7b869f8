import { fault } from "#base";

type Part = "fixed" | "extra length" | "extra" | "text" | "sum";

const fixedSize = 10;
const magic = [0x1f, 0x8b];
const deflate = 8;
const flags = { sum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

/** The header of a gzip member (RFC 1952, 2.3) as it flows past: checked for what it must say, and forgotten. */
export class GzipHeader {
  #part: Part | undefined = "fixed";
  readonly #parts: Part[] = [];
  /** Of the current part. */
  #taken = 0;
  #extraSize = 0;

  get isWhole(): boolean {
    return this.#part === undefined;
  }

  /** Gives the place behind the bytes that are the header's. @throws invalid */
  take(bytes: Uint8Array, at: number): number {
    let next = at;
    for (; next < bytes.length && this.#part !== undefined; next += 1) this.#takeByte(this.#part, bytes[next] ?? 0);
    return next;
  }

  #takeByte(part: Part, byte: number): void {
    this.#taken += 1;
    switch (part) {
      case "fixed":
        this.#takeFixed(byte);
        return;
      case "extra length":
        this.#extraSize += this.#taken === 1 ? byte : byte * 256;
        if (this.#taken < 2) return;
        if (this.#extraSize > 0) this.#parts.unshift("extra");
        break;
      case "extra":
        if (this.#taken < this.#extraSize) return;
        break;
      case "text":
        if (byte !== 0) return;
        break;
      case "sum":
        if (this.#taken < 2) return;
    }
    this.#advance();
  }

  #takeFixed(byte: number): void {
    const at = this.#taken - 1;
    if (at < 2 && byte !== magic[at]) throw fault("invalid", "incorrect header check");
    if (at === 2 && byte !== deflate) throw fault("invalid", "unknown compression method");
    if (at === 3) {
      if ((byte & flags.reserved) !== 0) throw fault("invalid", "unknown header flags set");
      if ((byte & flags.extra) !== 0) this.#parts.push("extra length");
      if ((byte & flags.name) !== 0) this.#parts.push("text");
      if ((byte & flags.comment) !== 0) this.#parts.push("text");
      if ((byte & flags.sum) !== 0) this.#parts.push("sum");
    }
    if (this.#taken === fixedSize) this.#advance();
  }

  #advance(): void {
    this.#part = this.#parts.shift();
    this.#taken = 0;
  }
}
