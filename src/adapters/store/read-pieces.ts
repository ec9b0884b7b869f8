import { streamOf } from "#base";
import { open } from "node:fs/promises";

/** Bytes that one read gives. */
const pieceSize = 1024 * 1024;

/** A file from its start, read no faster than somebody takes it; closed at its end or when the reader cancels. */
export function readPieces(path: string): ReadableStream<Uint8Array> {
  return streamOf(pieces(path));
}

async function* pieces(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path, "r");
  for (;;) {
    const { buffer, bytesRead } = await file.read(new Uint8Array(pieceSize), 0, pieceSize);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
