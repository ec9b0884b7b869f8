// Whether a sealed layer is what it was: the archive by its digest, the index and the record by making them of the archive once more.
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { type Digest, EngineError, messageOf } from "#base";
import { TarDecoder } from "#image";
import { hasCode } from "#linux";
import { unreadable } from "../blob-difference.ts";
import type { LayerRecord } from "../store-message.ts";
import { type LayerIndex, layOutIndex } from "./layer-index.ts";
import { LayerNames } from "./layer-names.ts";
import { LayerSealer } from "./layer-sealer.ts";
import { sealedFiles, uuidOf } from "./sealed-form.ts";

const pieceSize = 256 * 1024;

interface SealedLayer {
  readonly folder: string;
  readonly diffId: Digest;
  readonly record: LayerRecord;
}

/** What is wrong with the layer, in words; for a store thread, which it holds as long as it reads. */
export function sealedDifference({ folder, diffId, record }: SealedLayer): string | undefined {
  try {
    using archive = openFile(join(folder, sealedFiles.archive));
    const names = new LayerNames();
    const sealer = new LayerSealer(names);
    const { digest, size } = readArchive(archive.fd, sealer);
    if (digest !== diffId) return `${sealedFiles.archive}: its bytes are those of ${digest}`;
    names.finish();
    const made: LayerRecord = { version: 1, form: "sealed", size: sealer.size, implied: names.implied() };
    if (JSON.stringify(made) !== JSON.stringify(record)) return "layer.json differs";
    using index = openFile(join(folder, sealedFiles.index));
    const wanted = layOutIndex(names.root, { size, uuid: uuidOf(diffId) });
    return indexDifference(index.fd, archive.fd, wanted);
  } catch (error) {
    if (error instanceof EngineError || hasCode(error, "ENOENT", ...unreadable)) return messageOf(error);
    throw error;
  }
}

function readArchive(fd: number, sealer: LayerSealer): { readonly digest: Digest; readonly size: number } {
  const decoder = new TarDecoder(sealer);
  const hasher = new Bun.CryptoHasher("sha256");
  const piece = new Uint8Array(pieceSize);
  let size = 0;
  for (let length = readSync(fd, piece); length > 0; length = readSync(fd, piece)) {
    hasher.update(piece.subarray(0, length));
    decoder.push(piece.subarray(0, length));
    size += length;
  }
  decoder.finish();
  return { digest: `sha256:${hasher.digest("hex")}`, size };
}

/** Compares piece by piece, with what the index holds of the archive in its place. */
function indexDifference(index: number, archive: number, wanted: LayerIndex): string | undefined {
  for (let at = 0; at < wanted.size; at += pieceSize) {
    const piece = new Uint8Array(Math.min(pieceSize, wanted.size - at));
    piece.set(wanted.bytes.subarray(at, at + piece.length));
    for (const copy of wanted.copies) fillFrom(archive, copy, { piece, at });
    const found = new Uint8Array(piece.length + 1);
    const length = readSync(index, found, 0, found.length, at);
    const isLast = at + piece.length === wanted.size;
    if (length < piece.length || (isLast && length > piece.length)) return `${sealedFiles.index}: it has another size`;
    if (Buffer.compare(piece, found.subarray(0, piece.length)) !== 0) return `${sealedFiles.index}: its bytes differ behind ${at}`;
  }
  return undefined;
}

function fillFrom(
  archive: number,
  copy: LayerIndex["copies"][number],
  { piece, at }: { readonly piece: Uint8Array; readonly at: number },
): void {
  const begin = Math.max(copy.at, at);
  const end = Math.min(copy.at + copy.length, at + piece.length);
  if (begin < end) readSync(archive, piece, begin - at, end - begin, copy.from + begin - copy.at);
}

function openFile(path: string): Disposable & { readonly fd: number } {
  const fd = openSync(path, "r");
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}
