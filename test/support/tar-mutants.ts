// Archives that somebody damaged or made on purpose: bytes, headers with right sums, whole blocks and lengths changed at random, from a seed.
import { EngineError } from "#base";
import { TarDecoder, type TarEntry, type TarSink } from "#image";
import { archive, concatenated, memberParts, rewritten } from "./archive.ts";
import { seeded } from "./layer-model.ts";

const blockSize = 512;
const sparseMap = `1\n0\n5\n${"\0".repeat(506)}hello`;

/** One record of a PAX header, with its length in front. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = rest.length + String(rest.length).length;
  return `${String(length).length + rest.length}${rest}`;
}

function extension(flag: string, content: string): Uint8Array<ArrayBuffer> {
  const [header = new Uint8Array(0), ...rest] = memberParts({ name: "extension", content });
  return concatenated([rewritten(header, [{ at: 156, bytes: flag }]), ...rest]);
}

const sparseRecords = [
  record("GNU.sparse.major", "1") +
    record("GNU.sparse.minor", "0") +
    record("GNU.sparse.realsize", "9000") +
    record("GNU.sparse.name", "s"),
  record("GNU.sparse.size", "9000") + record("GNU.sparse.map", "0,2,8000,3"),
];

/** What there is in the format, once each. */
const seeds: readonly Uint8Array[] = [
  archive([
    { type: "directory", name: "d/", mode: 0o1777, uid: 3_000_000, gid: 5, mtime: { seconds: 1_700_000_000, nanos: 123_456_789 } },
    { name: `d/${"n".repeat(300)}`, content: "content", xattrs: new Map([["user.x", "\0\u00ff"]]) },
    { type: "symlink", name: "d/s", linkName: "t".repeat(200) },
    { type: "hardlink", name: "d/h", linkName: "d/s" },
    { type: "char", name: "d/c", major: 1, minor: 3 },
  ]),
  concatenated([extension("L", `${"l".repeat(200)}\0`), extension("K", "k\0"), archive([{ name: "f", content: "x".repeat(700) }])]),
  concatenated([extension("x", sparseRecords[0] ?? ""), archive([{ name: "f", content: sparseMap }])]),
  concatenated([extension("x", sparseRecords[1] ?? ""), archive([{ name: "f", content: "abcde" }])]),
  concatenated([oldSparse(), archive([{ name: "behind" }])]),
];

/** "S", with a map in its header and a block of it behind. */
function oldSparse(): Uint8Array<ArrayBuffer> {
  const [header = new Uint8Array(0), content = new Uint8Array(0), padding = new Uint8Array(0)] = memberParts({
    name: "o",
    content: "abcd",
  });
  const number = (value: number): string => `${value.toString(8).padStart(11, "0")}\0`;
  const more = new Uint8Array(blockSize);
  more.set(new TextEncoder().encode(number(6000) + number(2)));
  const fields = [
    { at: 156, bytes: "S" },
    { at: 386, bytes: number(0) + number(2) },
    { at: 482, bytes: "\u0001" },
    { at: 483, bytes: number(9000) },
  ];
  return concatenated([rewritten(header, fields), more, content, padding]);
}

/** Places and widths of the fields that a header is made of. */
const fields = [[0, 100], [100, 8], [108, 8], [116, 8], [124, 12], [136, 12], [156, 1], [157, 100], [257, 8], [329, 8], [345, 155], [386, 24], [482, 13]] as const; // prettier-ignore
const values = ["\0", " ", "7", "8", "\u0080", "\u00ff", "/", "..", "-1", "x", "g", "L", "S", "5", "9".repeat(12), "\u00ff".repeat(12)];

/** The archive of a number: always the same. */
export function tarMutant(number: number): Uint8Array {
  const random = seeded(number);
  const pick = (count: number): number => Math.floor(random() * count);
  let bytes: Uint8Array<ArrayBuffer> = new Uint8Array(seeds[pick(seeds.length)] ?? []);
  for (let changes = 1 + pick(3); changes > 0; changes -= 1) {
    const block = pick(Math.max(1, Math.floor(bytes.length / blockSize))) * blockSize;
    switch (pick(6)) {
      case 0:
        bytes[pick(bytes.length)] = pick(256);
        break;
      case 1:
        bytes = bytes.slice(0, pick(bytes.length + 1));
        break;
      case 2:
        bytes = concatenated([bytes.subarray(0, block), bytes.subarray(pick(bytes.length))]);
        break;
      default: {
        const [at, width] = fields[pick(fields.length)] ?? [0, 1];
        if (block + blockSize > bytes.length) break;
        const value = (values[pick(values.length)] ?? "").slice(0, width);
        bytes.set(rewritten(bytes.subarray(block, block + blockSize), [{ at: at + pick(width - value.length + 1), bytes: value }]), block);
      }
    }
  }
  return bytes;
}

/** Holds the decoder to its word: entries, then their content in order and inside of them, then their end. */
class WatchfulSink implements TarSink {
  #open: TarEntry | undefined;
  #end = 0;
  #taken = 0;

  entry(entry: TarEntry): void {
    if (this.#open !== undefined) throw new Error("an entry inside another");
    if (entry.size < 0 || !Number.isSafeInteger(entry.size)) throw new Error(`an entry of ${entry.size} bytes`);
    this.#open = entry;
    this.#end = 0;
    this.#taken = 0;
  }

  content(bytes: Uint8Array, position: number): void {
    if (this.#open === undefined || position < this.#end || position + bytes.length > this.#open.size) {
      throw new Error(`content at ${position} of ${JSON.stringify(this.#open)}`);
    }
    this.#end = position + bytes.length;
    this.#taken += bytes.length;
  }

  entryEnd(): void {
    if (this.#open === undefined) throw new Error("an end of nothing");
    if (!this.#open.sparse && this.#taken !== this.#open.size) throw new Error(`${this.#taken} of ${this.#open.size} bytes`);
    this.#open = undefined;
  }
}

export type Decoded = "read" | "refused";

/** Decodes the archive in pieces of one size. @throws what is no refusal */
export function decodeWatched(bytes: Uint8Array, pieceSize: number, sink: TarSink = new WatchfulSink()): Decoded {
  const decoder = new TarDecoder(sink);
  try {
    for (let at = 0; at < bytes.length; at += pieceSize) decoder.push(bytes.subarray(at, at + pieceSize));
    decoder.finish();
    return "read";
  } catch (error) {
    if (error instanceof EngineError && error.fault === "invalid") return "refused";
    throw error;
  }
}

interface Outcome {
  readonly read: number;
  readonly refused: number;
  /** Milliseconds of the one that took longest. */
  readonly slowest: number;
}

/** Decodes the mutants of all numbers in between, each whole and in odd pieces, which must come to the same. @throws with the number of the first that does harm */
export function decodeMutants(from: number, to: number): Outcome {
  const counts = { read: 0, refused: 0 };
  let slowest = 0;
  for (let number = from; number < to; number += 1) {
    const bytes = tarMutant(number);
    const began = performance.now();
    try {
      const whole = decodeWatched(bytes, 1 << 20);
      const pieces = decodeWatched(bytes, 1 + (number % 700));
      if (whole !== pieces) throw new Error(`${whole} when whole, ${pieces} in pieces`);
      counts[whole] += 1;
    } catch (error) {
      throw new Error(`mutant ${number}`, { cause: error });
    }
    slowest = Math.max(slowest, performance.now() - began);
  }
  return { ...counts, slowest };
}
