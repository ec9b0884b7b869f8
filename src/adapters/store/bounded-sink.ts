// A layer may not make files without end: tars of empty files and of folders that long names imply are packed a thousand times smaller than what
// they become. Two numbers decide, as for bytes (inflate.ts): a few files are nobody's trouble, and many must have cost something to fetch.
import { fault } from "#base";
import type { ByteString, TarEntry, TarSink } from "#image";

/** Files and folders that any layer may make, and packed bytes that each of more must have cost. An empty file with its own name and time takes 15. */
export const entryLimits = { free: 2 ** 14, packedBytes: 10 } as const;

/** Counts what entries make at most, the folders above them that the entry before did not have too. @throws invalid for a bomb */
export class BoundedSink implements TarSink {
  readonly #sink: TarSink;
  readonly #packedSize: number;
  readonly #most: number;
  #made = 0;
  #before: ByteString = "";

  constructor(sink: TarSink, packedSize: number) {
    this.#sink = sink;
    this.#packedSize = packedSize;
    this.#most = Math.max(entryLimits.free, packedSize / entryLimits.packedBytes);
  }

  entry(entry: TarEntry): void {
    this.#made += namesBehind(this.#before, entry.name);
    this.#before = entry.name;
    if (this.#made > this.#most) throw fault("invalid", `${this.#packedSize} bytes become more than ${Math.floor(this.#most)} files`);
    this.#sink.entry(entry);
  }

  content(bytes: Uint8Array, position: number): void {
    this.#sink.content(bytes, position);
  }

  entryEnd(): void {
    this.#sink.entryEnd();
  }
}

const slash = 0x2f;

/** Parts of a path from the first one on that another path has not; at least one. */
function namesBehind(other: ByteString, path: ByteString): number {
  let at = 0;
  while (at < path.length && path.charCodeAt(at) === other.charCodeAt(at)) at += 1;
  let names = 1;
  for (; at < path.length - 1; at += 1) if (path.charCodeAt(at) === slash) names += 1;
  return names;
}
