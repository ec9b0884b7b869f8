// Bytes as each compression has them; those that Bun cannot write are made by the libraries that read them.
import type { Compression } from "#base";
import { dlopen, FFIType, ptr } from "bun:ffi";

export const compressions: readonly Compression[] = ["gzip", "zstd", "bzip2", "xz"];

const packers: Readonly<Record<Compression, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>>> = {
  gzip: (bytes) => Bun.gzipSync(bytes),
  zstd: (bytes) => new Uint8Array(Bun.zstdCompressSync(bytes)),
  bzip2,
  xz,
};

export function packed(compression: Compression, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return packers[compression](bytes);
}

/** An xz stream of a thousand zeros whose head asks for a dictionary of 1.5 GiB. */
export const greedyXz = Uint8Array.fromBase64(
  "/Td6WFoAAATm1rRGAgAhASUAAAA7eHtB4APnAAtdAABv/f//o7daDV4AAABPJYrsK+IqNwABJ+gHAAAA9FWPXLHEZ/sCAAAAAARZWg==",
);

function xz(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { u32, u64, ptr: pointer } = FFIType;
  const { symbols } = dlopen("liblzma.so.5", {
    lzma_easy_buffer_encode: { args: [u32, u32, pointer, pointer, u64, pointer, pointer, u64], returns: u32 },
  });
  const preset = 1;
  const crc64 = 4;
  const output = new Uint8Array(bytes.length + 4096);
  const written = new BigUint64Array(1);
  const result = symbols.lzma_easy_buffer_encode(preset, crc64, null, ptr(bytes), bytes.length, ptr(output), ptr(written), output.length);
  if (result !== 0) throw new Error(`lzma_easy_buffer_encode: ${result}`);
  return output.slice(0, Number(written[0]));
}

function bzip2(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { u32, i32, ptr: pointer } = FFIType;
  const { symbols } = dlopen("libbz2.so.1.0", {
    BZ2_bzBuffToBuffCompress: { args: [pointer, pointer, pointer, u32, i32, i32, i32], returns: i32 },
  });
  const output = new Uint8Array(bytes.length + bytes.length / 50 + 4096);
  const written = new Uint32Array([output.length]);
  const result = symbols.BZ2_bzBuffToBuffCompress(ptr(output), ptr(written), ptr(bytes), bytes.length, 9, 0, 0);
  if (result !== 0) throw new Error(`BZ2_bzBuffToBuffCompress: ${result}`);
  return output.slice(0, written[0]);
}
