// bzip2 by libbz2 (bzlib.h). The library is opened with the first archive that needs it; a decoder takes 4 MB at most, by the format.
import { fault } from "#base";
import { dlopen, FFIType, ptr } from "bun:ffi";
import { CodecDecoder, type StepwiseDecoder } from "./stepwise-decoder.ts";

/** sizeof(bz_stream). */
const structSize = 80;
const inputLeft = { at: 8, bits: 32 } as const;
const outputLeft = { at: 32, bits: 32 } as const;
const results = { ok: 0, streamEnd: 4, noMemory: -3, notBzip2: -5 } as const;
/** Debian's name and everybody else's. */
const names = ["libbz2.so.1.0", "libbz2.so.1"];

type Library = ReturnType<typeof openNamed>;
let library: Library | undefined;

/** @throws unsupported where the library is not installed */
export function openBzip2Decoder(): StepwiseDecoder {
  library ??= openLibrary();
  const bz2 = library;
  const bytes = new Uint8Array(structSize);
  const struct = new DataView(bytes.buffer);
  let isOpen = false;
  // Behind the end of a stream another may follow, which is opened with its first byte.
  const step = (): void => {
    while (struct.getUint32(inputLeft.at, true) > 0 || isOpen) {
      if (!isOpen) check(bz2.BZ2_bzDecompressInit(ptr(bytes), 0, 0));
      isOpen = true;
      const result = bz2.BZ2_bzDecompress(ptr(bytes));
      if (result !== results.streamEnd) return check(result);
      close();
      if (struct.getUint32(outputLeft.at, true) === 0) return;
    }
  };
  const close = (): void => {
    if (isOpen) bz2.BZ2_bzDecompressEnd(ptr(bytes));
    isOpen = false;
  };
  const finish = (): void => {
    if (isOpen) throw fault("invalid", "unexpected end of file");
  };
  return new CodecDecoder({ struct, inputLeft, outputLeft, step, finish, close });
}

function check(result: number): void {
  if (result === results.ok) return;
  if (result === results.noMemory) throw fault("internal", "no memory for the bzip2 decoder");
  throw fault("invalid", result === results.notBzip2 ? "not in bzip2 format" : "bzip2 data is corrupt");
}

function openLibrary(): Library {
  const causes: unknown[] = [];
  for (const name of names)
    try {
      return openNamed(name);
    } catch (cause) {
      causes.push(cause);
    }
  throw fault("unsupported", `archives compressed with bzip2 need ${names.join(" or ")}, which is not installed`, { cause: causes[0] });
}

function openNamed(name: string) {
  const { i32, ptr: pointer } = FFIType;
  return dlopen(name, {
    BZ2_bzDecompressInit: { args: [pointer, i32, i32], returns: i32 },
    BZ2_bzDecompress: { args: [pointer], returns: i32 },
    BZ2_bzDecompressEnd: { args: [pointer], returns: i32 },
  }).symbols;
}
