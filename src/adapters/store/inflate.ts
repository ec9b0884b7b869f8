// Uncompressed bytes of a file or of a range in it. What it is compressed with is read from its first bytes, never from a media type: registries
// hold layers under the wrong one, and Docker looks at the bytes too. gzip, which nearly all layers are, is read and decoded in this thread by
// ISA-L into one buffer that stays in the cache for whoever hashes and writes it; what the runtime decodes is done in its pool, a few pieces ahead.
import { compressionOf, EngineError, fault, longestMagic, messageOf } from "#base";
import { decodeHere, decoders, openGzipDecoder } from "#linux";
import { closeSync, constants, createReadStream, openSync, readSync } from "node:fs";
import { pipeline, type Transform } from "node:stream";

/** A file, or `size` bytes of it from `offset`. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
}

/** What a layer may become: much smaller than a disk, or less than so many times what was fetched. Zeros in gzip are 1,032 times smaller. */
export const bombLimits = { size: 1024 ** 3, ratio: 500 } as const;

const pieceSize = 256 * 1024;
/** Read at once, and so between two looks at what else the thread is asked for: it grows to 64 MiB at most. */
const packedSize = 64 * 1024;
/** Pieces that wait inflated. */
const ahead = 4;

/**
 * The uncompressed bytes, in pieces that are valid until the next one is asked for. Ends early and closes the file when the reader returns.
 * @throws invalid for broken compression, and for a bomb
 */
export async function* inflate(source: FileRange, openGzip = openGzipDecoder): AsyncGenerator<Uint8Array> {
  if (source.size === 0) return;
  const plain = openPlain(source, openGzip);
  if (plain === undefined) {
    yield* piecesOf(source);
    return;
  }
  const most = Math.max(bombLimits.size, bombLimits.ratio * source.size);
  let size = 0;
  try {
    for await (const bytes of plain) {
      size += bytes.length;
      if (size > most) throw fault("invalid", `${source.size} bytes become more than ${most}`);
      yield bytes;
    }
  } catch (error) {
    if (error instanceof EngineError && error.fault !== "invalid") throw error;
    throw fault("invalid", `cannot decompress the layer: ${messageOf(error)}`, { cause: error });
  }
}

function openPlain(source: FileRange, openGzip: typeof openGzipDecoder): AsyncIterable<Uint8Array> | undefined {
  const compression = compressionOf(firstBytes(source));
  if (compression === undefined) return undefined;
  const gzip = compression === "gzip" ? openGzip(pieceSize) : undefined;
  if (gzip !== undefined) return decodeHere(gzip, piecesOf(source));
  const decoding = decoders[compression];
  if (decoding.kind === "steps") return decodeHere(decoding.open(), piecesOf(source));
  return streamed(source, decoding.open({ chunkSize: pieceSize, readableHighWaterMark: ahead * pieceSize }));
}

/** The file as it is, read in this thread: it was just written, and comes out of the page cache. */
async function* piecesOf({ path, offset, size }: FileRange): AsyncGenerator<Uint8Array> {
  const fd = openSync(path, constants.O_RDONLY);
  const bytes = new Uint8Array(packedSize);
  try {
    for (let at = 0; at < size;) {
      const length = readSync(fd, bytes, 0, Math.min(packedSize, size - at), offset + at);
      if (length === 0) throw fault("internal", `${path} was cut short on disk`);
      at += length;
      yield bytes.subarray(0, length);
      await othersTurn();
    }
  } finally {
    closeSync(fd);
  }
}

/** Lets messages in: bytes of blobs for this thread, and word that the work is given up. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function* streamed({ path, offset, size }: FileRange, decoder: Transform): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: pieceSize });
  // An error of either reaches the loop below through the decoder, which the pipeline destroys with it.
  pipeline(file, decoder, () => undefined);
  try {
    yield* decoder;
  } finally {
    decoder.destroy();
    file.destroy();
  }
}

function firstBytes({ path, offset, size }: FileRange): Uint8Array {
  const fd = openSync(path, constants.O_RDONLY);
  const bytes = new Uint8Array(longestMagic);
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, Math.min(longestMagic, size), offset));
  } finally {
    closeSync(fd);
  }
}
