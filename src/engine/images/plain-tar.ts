// Archives of images and of trees, as they come: plain or as gzip.
import { EngineError, fault, messageOf } from "#base";
import { ByteSource } from "#image";

/** Bytes that are inflated at a time. */
const pieceSize = 1024 * 1024;
const gzipMagic = "1f8b";

export async function isGzip(source: ByteSource): Promise<boolean> {
  return (await source.peek(2)).toHex() === gzipMagic;
}

/** The tar itself, inflated when it came as gzip. */
export async function plainTar(source: ByteSource): Promise<ByteSource> {
  if (await isGzip(source)) return new ByteSource(inflated(source.remainder()));
  const magic = (await source.peek(6)).toHex();
  for (const [start, name] of [
    ["425a68", "bzip2"],
    ["fd377a585a00", "xz"],
    ["28b52ffd", "zstd"],
  ] as const)
    if (magic.startsWith(start)) throw fault("unsupported", `archives compressed with ${name} are not supported: use gzip or none`);
  return source;
}

/** The bytes inside a gzip stream; what breaks it is the archive's fault. */
export function inflated(packed: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const inflate = new DecompressionStream("gzip") as unknown as ReadableWritablePair<Uint8Array, Uint8Array>;
  const source = new ByteSource(packed.pipeThrough(inflate));
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const piece = await source.some(pieceSize);
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      } catch (cause) {
        throw cause instanceof EngineError ? cause : fault("invalid", `archive is not valid gzip: ${messageOf(cause)}`, { cause });
      }
    },
    cancel: () => source[Symbol.asyncDispose](),
  });
}
