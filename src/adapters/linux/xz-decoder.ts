// xz by liblzma (lzma/base.h, lzma/container.h). The library is opened with the first archive that needs it.
import { fault } from "#base";
import { dlopen, FFIType, ptr } from "bun:ffi";
import { CodecDecoder, type StepwiseDecoder } from "./stepwise-decoder.ts";

/** Bytes of a decoder's memory: a dictionary of 128 MiB (xz's largest preset has 64) and what is around it. */
const memoryLimit = 136 * 1024 * 1024;
/** sizeof(lzma_stream). */
const structSize = 136;
const run = 0;
const finish = 3;
/** An archive may be several streams one behind the other. */
const concatenated = 0x08;

const results = { ok: 0, streamEnd: 1, noMemory: 5, memoryLimit: 6, notXz: 7, unknownOptions: 8, bufferError: 10 } as const;

type Library = ReturnType<typeof openLibrary>;
let library: Library | undefined;

/** @throws unsupported where the library is not installed */
export function openXzDecoder(): StepwiseDecoder {
  library ??= openLibrary();
  const lzma = library;
  const bytes = new Uint8Array(structSize);
  const struct = new DataView(bytes.buffer);
  check(lzma.lzma_stream_decoder(ptr(bytes), memoryLimit, concatenated));
  return new CodecDecoder({
    struct,
    inputLeft: { at: 8, bits: 64 },
    outputLeft: { at: 32, bits: 64 },
    step: () => check(lzma.lzma_code(ptr(bytes), run)),
    finish: () => {
      struct.setBigUint64(8, 0n, true);
      if (lzma.lzma_code(ptr(bytes), finish) !== results.streamEnd) throw fault("invalid", "unexpected end of file");
    },
    close: () => lzma.lzma_end(ptr(bytes)),
  });
}

function check(result: number): void {
  switch (result) {
    case results.ok:
    case results.streamEnd:
    // Neither room nor input: the caller sees by the counters which.
    case results.bufferError:
      return;
    case results.noMemory:
      throw fault("internal", "no memory for the xz decoder");
    case results.memoryLimit:
      throw fault("invalid", `xz data needs more than ${memoryLimit / 1024 / 1024} MiB of memory`);
    case results.notXz:
      throw fault("invalid", "not in xz format");
    case results.unknownOptions:
      throw fault("invalid", "xz data with options that liblzma does not know");
    default:
      throw fault("invalid", "xz data is corrupt");
  }
}

function openLibrary() {
  const { u32, u64, ptr: pointer } = FFIType;
  try {
    return dlopen("liblzma.so.5", {
      lzma_stream_decoder: { args: [pointer, u64, u32], returns: u32 },
      lzma_code: { args: [pointer, u32], returns: u32 },
      lzma_end: { args: [pointer], returns: FFIType.void },
    }).symbols;
  } catch (cause) {
    throw fault("unsupported", "archives compressed with xz need liblzma.so.5, which is not installed", { cause });
  }
}
