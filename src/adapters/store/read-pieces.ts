import { open } from "node:fs/promises";

/** Bytes that one read gives. */
const pieceSize = 1024 * 1024;

/** A file from its start, read no faster than somebody takes it; closed at its end or when the reader cancels. */
export function readPieces(path: string): ReadableStream<Uint8Array> {
  const source = pieces(path);
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await source.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await source.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* pieces(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path, "r");
  for (;;) {
    const { buffer, bytesRead } = await file.read(new Uint8Array(pieceSize), 0, pieceSize);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
