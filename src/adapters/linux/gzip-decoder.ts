// gzip by ISA-L (igzip_lib.h), piece by piece: 725 MB/s a core where zlib in the runtime does 490 and a whole layer at once by libdeflate 580 to 770,
// which needs the layer's whole size in memory. The struct is the caller's and part of the library's ABI; before the first use a short archive is
// decoded, so that a library that keeps other things in these places is as good as none.
import { fault } from "#base";
import { dlopen, FFIType, ptr } from "bun:ffi";
import { GzipHeader } from "./gzip-header.ts";
import type { StepwiseDecoder } from "./stepwise-decoder.ts";

/** sizeof(struct inflate_state) is 87,368. */
const structSize = 96 * 1024;
const places = { nextOut: 0, roomLeft: 8, nextIn: 16, inputLeft: 32, blockState: 21_160, wrapper: 21_172 } as const;
/** ISAL_GZIP_NO_HDR_VER: checks the sums behind a member. Headers we read, since it loses its place in one that comes in pieces (2.30). */
const gzipWrapper = 6;
/** ISAL_BLOCK_FINISH: a member is whole. */
const memberEnded = 5;
const results: Readonly<Record<number, string>> = {
  [-1]: "invalid block",
  [-2]: "invalid symbol",
  [-3]: "invalid distance too far back",
  [-6]: "incorrect data check",
};

type Library = ReturnType<typeof openLibrary>;
let library: Library | undefined;
let tried = false;

/**
 * Decodes gzip of any number of members; undefined where the library is not installed. What `next` gives has at most `pieceSize` bytes and is valid
 * until the next call, and what was pushed must stay as it is until then.
 */
export function openGzipDecoder(pieceSize: number): StepwiseDecoder | undefined {
  if (!tried) {
    tried = true;
    library = tryLibrary();
  }
  return library === undefined ? undefined : new IsalDecoder(library, pieceSize);
}

/** What inflates gzip on this machine, for the log. */
export function gzipLibrary(): string {
  return openGzipDecoder(1) === undefined ? "zlib" : "ISA-L";
}

class IsalDecoder implements StepwiseDecoder {
  readonly #library: Library;
  readonly #bytes = new Uint8Array(structSize);
  readonly #struct = new DataView(this.#bytes.buffer);
  readonly #output: Uint8Array;
  /** Held, as the library reads it. */
  #input: Uint8Array = new Uint8Array(0);
  #header = new GzipHeader();
  #stage: "before" | "header" | "data" | "between" = "before";

  constructor(opened: Library, pieceSize: number) {
    this.#library = opened;
    this.#output = new Uint8Array(pieceSize);
    opened.isal_inflate_init(ptr(this.#bytes));
  }

  push(bytes: Uint8Array): void {
    this.#input = bytes;
    this.#leave(bytes.length);
  }

  next(): Uint8Array | undefined {
    const struct = this.#struct;
    const size = this.#output.length;
    for (;;) {
      if (this.#stage !== "data" && !this.#takeHeader()) return undefined;
      struct.setBigUint64(places.nextOut, BigInt(ptr(this.#output)), true);
      struct.setUint32(places.roomLeft, size, true);
      const result = this.#library.isal_inflate(ptr(this.#bytes));
      if (result < 0) throw fault("invalid", results[result] ?? `ISA-L answers ${result}`);
      if (struct.getUint32(places.blockState, true) === memberEnded) this.#stage = "between";
      const made = size - struct.getUint32(places.roomLeft, true);
      if (made > 0) return this.#output.subarray(0, made);
      if (this.#stage === "data" && this.#left === 0) return undefined;
    }
  }

  finish(): void {
    if (this.#stage !== "between") throw fault("invalid", "unexpected end of file");
  }

  [Symbol.dispose](): void {
    // It holds memory alone.
    this.#input = new Uint8Array(0);
  }

  /** Gives whether data follow. What stands behind the last member is no padding but an error, as in Docker. */
  #takeHeader(): boolean {
    if (this.#left === 0) return false;
    if (this.#stage !== "header") {
      this.#stage = "header";
      this.#header = new GzipHeader();
      this.#library.isal_inflate_reset(ptr(this.#bytes));
      this.#struct.setUint32(places.wrapper, gzipWrapper, true);
    }
    this.#leave(this.#input.length - this.#header.take(this.#input, this.#input.length - this.#left));
    if (this.#header.isWhole) this.#stage = "data";
    return this.#header.isWhole && this.#left > 0;
  }

  /** Bytes of the input that nobody has taken. */
  get #left(): number {
    return this.#struct.getUint32(places.inputLeft, true);
  }

  #leave(count: number): void {
    this.#struct.setUint32(places.inputLeft, count, true);
    const rest = this.#input.subarray(this.#input.length - count);
    if (count > 0) this.#struct.setBigUint64(places.nextIn, BigInt(ptr(rest)), true);
  }
}

function openLibrary() {
  const { ptr: pointer, i32 } = FFIType;
  return dlopen("libisal.so.2", {
    isal_inflate_init: { args: [pointer], returns: FFIType.void },
    isal_inflate_reset: { args: [pointer], returns: FFIType.void },
    isal_inflate: { args: [pointer], returns: i32 },
  }).symbols;
}

function tryLibrary(): Library | undefined {
  let opened: Library;
  try {
    opened = openLibrary();
  } catch {
    return undefined;
  }
  return decodesTwoMembers(opened) ? opened : undefined;
}

function decodesTwoMembers(opened: Library): boolean {
  const member = Bun.gzipSync("gantry");
  const decoder = new IsalDecoder(opened, 64);
  let text = "";
  try {
    for (const packed of [member.subarray(0, 7), member.subarray(7), member]) {
      decoder.push(packed);
      for (let piece = decoder.next(); piece !== undefined; piece = decoder.next()) text += new TextDecoder().decode(piece);
    }
    decoder.finish();
  } catch {
    return false;
  }
  return text === "gantrygantry";
}
