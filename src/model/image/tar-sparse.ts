// GNU sparse files: the old format ("S", map in the header and in blocks behind it) and PAX 0.0, 0.1 (map in records) and 1.0 (map in
// front of the content). See the GNU tar manual, "Storing Sparse Files".
import type { PaxRecords } from "./tar-pax.ts";
import { paxNumber } from "./tar-pax.ts";
import { brokenTar, parseNumber } from "./tar-header.ts";

/** A piece of content and its place in the file. */
export interface SparseFragment {
  readonly position: number;
  readonly length: number;
}

/** Checks that the pieces rise, lie in the file and add up to what is stored. @throws invalid */
export function checkSparse(
  fragments: readonly SparseFragment[],
  sizes: { readonly size: number; readonly stored: number },
  offset: number,
): void {
  let end = 0;
  let total = 0;
  for (const { position, length } of fragments) {
    if (position < end || length < 0 || position + length > sizes.size) throw brokenTar("bad sparse map", offset);
    end = position + length;
    total += length;
  }
  if (total !== sizes.stored) throw brokenTar("bad sparse map", offset);
}

/** Entries of the old format in a block: four in a header (at 386), 21 in an extension (at 0). @throws invalid */
export function oldSparseFragments(
  bytes: Uint8Array,
  place: { readonly at: number; readonly count: number; readonly offset: number },
): SparseFragment[] {
  const fragments: SparseFragment[] = [];
  for (let index = 0; index < place.count; index += 1) {
    const at = place.at + index * 24;
    if (bytes[at] === 0) break;
    const position = parseNumber(bytes, { at, length: 12, offset: place.offset });
    fragments.push({ position, length: parseNumber(bytes, { at: at + 12, length: 12, offset: place.offset }) });
  }
  return fragments;
}

/** What PAX records say of a sparse file; `map` is undefined when it stands before the content (format 1.0). */
export interface PaxSparse {
  readonly size: number;
  readonly map: readonly SparseFragment[] | undefined;
}

/** Undefined when the records tell of no sparse file. @throws invalid */
export function paxSparse(records: PaxRecords, offset: number): PaxSparse | undefined {
  const size = paxNumber(records, "GNU.sparse.realsize", offset) ?? paxNumber(records, "GNU.sparse.size", offset);
  if (size === undefined) return undefined;
  if (size < 0) throw brokenTar("bad sparse map", offset);
  if (records.get("GNU.sparse.major") === "1" && records.get("GNU.sparse.minor") === "0") return { size, map: undefined };
  const map = records.get("GNU.sparse.map");
  if (map === undefined) throw brokenTar("sparse file without a map", offset);
  return { size, map: pairsOf(map === "" ? [] : map.split(","), offset) };
}

/** The fragments that numbers in pairs tell. @throws invalid */
export function pairsOf(numbers: readonly string[], offset: number): SparseFragment[] {
  const fragments: SparseFragment[] = [];
  if (numbers.length % 2 !== 0) throw brokenTar("bad sparse map", offset);
  for (let index = 0; index < numbers.length; index += 2) {
    fragments.push({ position: decimal(numbers[index], offset), length: decimal(numbers[index + 1], offset) });
  }
  return fragments;
}

/** A decimal number of a sparse map. @throws invalid */
export function decimal(text: string | undefined, offset: number): number {
  const value = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw brokenTar("bad sparse map", offset);
  return value;
}

/** Gathers the map of format 1.0: decimal numbers on lines of their own, first how many pairs, padded to a block. */
export class SparseMapText {
  readonly #offset: number;
  readonly #numbers: string[] = [];
  #pending = "";
  #blocks = 0;

  constructor(offset: number) {
    this.#offset = offset;
  }

  /** Bytes of map so far. */
  get length(): number {
    return this.#blocks * 512;
  }

  /** Takes one block; gives the map when it is whole. @throws invalid, also above 8 MiB of map */
  push(block: string): SparseFragment[] | undefined {
    this.#blocks += 1;
    if (this.#blocks > 16_384) throw brokenTar("sparse map too large", this.#offset);
    const lines = (this.#pending + block).split("\n");
    this.#pending = lines.pop() ?? "";
    for (const line of lines) if (!this.#isWhole()) this.#numbers.push(line);
    return this.#isWhole() ? pairsOf(this.#numbers.slice(1), this.#offset) : undefined;
  }

  #isWhole(): boolean {
    return this.#numbers.length > 0 && this.#numbers.length >= 1 + 2 * decimal(this.#numbers[0], this.#offset);
  }
}
