// One table of decoders for layers, image archives and files of containers. Nothing here starts a program.
import type { Compression } from "#base";
import type { Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { openBzip2Decoder } from "./bzip2-decoder.ts";
import type { StepwiseDecoder } from "./stepwise-decoder.ts";
import { openXzDecoder } from "./xz-decoder.ts";

export type Decoding =
  | {
      /** Decodes in the runtime's own threads, wherever it is opened. */
      readonly kind: "stream";
      open(options: { readonly chunkSize: number; readonly readableHighWaterMark: number }): Transform;
    }
  | {
      /** Decodes in the thread that calls it. */
      readonly kind: "steps";
      open(): StepwiseDecoder;
    };

export const decoders: Readonly<Record<Compression, Decoding>> = {
  gzip: { kind: "stream", open: (options) => createGunzip(options) },
  zstd: { kind: "stream", open: (options) => createZstdDecompress(options) },
  bzip2: { kind: "steps", open: openBzip2Decoder },
  xz: { kind: "steps", open: openXzDecoder },
};

/** The plain bytes of a compression that decodes here. Closes the decoder when the reader returns. @throws invalid, also for what is cut */
export async function* decodeHere(decoder: StepwiseDecoder, packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  using held = decoder;
  for await (const bytes of packed) {
    held.push(bytes);
    for (let piece = held.next(); piece !== undefined; piece = held.next()) yield piece;
  }
  held.finish();
}
