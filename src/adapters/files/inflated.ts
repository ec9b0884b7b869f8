// The bytes of an archive that may come compressed. What with is read from its first bytes, as Docker does; it is inflated here and by nothing
// else: no program of the container's is run, and none of the host's.
import { fault, messageOf } from "#base";
import { Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

const chunkSize = 256 * 1024;
const longestMagic = 6;

interface Format {
  readonly magic: readonly number[];
  /** Undefined: known, and not read here. */
  readonly open?: () => Transform;
  readonly name: string;
}

const formats: readonly Format[] = [
  { name: "gzip", magic: [0x1f, 0x8b], open: () => createGunzip({ chunkSize }) },
  { name: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd], open: () => createZstdDecompress({ chunkSize }) },
  { name: "bzip2", magic: [0x42, 0x5a, 0x68] },
  { name: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
];

/** The plain bytes. @throws unsupported for a compression that is not read; invalid for one that is broken */
export async function* inflated(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = archive[Symbol.asyncIterator]();
  const { first, ended } = await begin(source);
  const format = formats.find(({ magic }) => magic.every((byte, index) => first[index] === byte));
  const rest = follow(first, ended ? undefined : source);
  if (format === undefined) {
    yield* rest;
    return;
  }
  if (format.open === undefined) throw fault("unsupported", `archives compressed with ${format.name} are not supported`);
  const decoder = format.open();
  const input = Readable.from(rest);
  input.on("error", (error) => decoder.destroy(error));
  input.pipe(decoder);
  let isEmpty = true;
  try {
    for await (const bytes of decoder) {
      isEmpty = false;
      yield bytes;
    }
  } catch (error) {
    throw fault("invalid", `cannot decompress the archive: ${messageOf(error)}`, { cause: error });
  } finally {
    input.destroy();
    decoder.destroy();
  }
  // Bun's zstd takes half a frame for a whole one without a word.
  if (isEmpty) throw fault("invalid", "cannot decompress the archive: unexpected end of file");
}

/** Enough to know the format by, or all there is. */
async function begin(source: AsyncIterator<Uint8Array>): Promise<{ readonly first: Uint8Array; readonly ended: boolean }> {
  let first = new Uint8Array(0);
  while (first.length < longestMagic) {
    const { done, value } = await source.next();
    if (done === true) return { first, ended: true };
    first = first.length === 0 ? new Uint8Array(value) : new Uint8Array(Buffer.concat([first, value]));
  }
  return { first, ended: false };
}

async function* follow(first: Uint8Array, source: AsyncIterator<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  if (source === undefined) return;
  try {
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}
