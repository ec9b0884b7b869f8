import { type Digest, hexOf } from "#base";
import { rooted } from "#linux";
import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import type { LayerForm } from "../layer-form.ts";
import type { LayerRecord } from "../store-message.ts";
import { layOutIndex, type LayerIndex } from "./layer-index.ts";
import { LayerNames } from "./layer-names.ts";
import { LayerSealer } from "./layer-sealer.ts";

/** Names in the folder of a sealed layer. */
export const sealedFiles = { archive: "layer.tar", index: "index.erofs" } as const;

/** An index's own id: the beginning of the digest, of which there is one in the whole world. */
export function uuidOf(diffId: Digest): Uint8Array {
  return Buffer.from(hexOf(diffId), "hex").subarray(0, 16);
}

/** The `sealed` driver: the archive as it is, and an index through which the kernel reads it. */
export class SealedForm implements LayerForm {
  readonly #names = new LayerNames();
  readonly sink = new LayerSealer(this.#names);
  readonly #folder: string;
  readonly #diffId: Digest;
  readonly #archive: number;
  #size = 0;

  /** Takes a folder that is there and empty. */
  constructor(folder: string, diffId: Digest) {
    this.#folder = folder;
    this.#diffId = diffId;
    this.#archive = openSync(join(folder, sealedFiles.archive), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  }

  keep(bytes: Uint8Array): void {
    writeWhole(this.#archive, bytes, this.#size);
    this.#size += bytes.length;
  }

  finish(): LayerRecord {
    this.#names.finish();
    this.#write(layOutIndex(this.#names.root, { size: this.#size, uuid: uuidOf(this.#diffId) }));
    return { version: 1, form: "sealed", size: this.sink.size, implied: this.#names.implied() };
  }

  /** Containers read through the index, which has pages of its own: those of the archive would only take memory. */
  dropPages(): void {
    rooted.dropPages(this.#archive);
  }

  [Symbol.dispose](): void {
    closeSync(this.#archive);
  }

  #write({ bytes, size, copies }: LayerIndex): void {
    const path = join(this.#folder, sealedFiles.index);
    const index = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      rooted.must(rooted.setSize(index, size), "ftruncate", path);
      writeWhole(index, bytes, 0);
      for (const copy of copies) this.#copy(index, copy);
    } finally {
      closeSync(index);
    }
  }

  #copy(index: number, { at, from, length }: LayerIndex["copies"][number]): void {
    const piece = new Uint8Array(Math.min(length, 256 * 1024));
    for (let done = 0; done < length;) {
      const wanted = piece.subarray(0, Math.min(piece.length, length - done));
      const read = rooted.must(rooted.readAt(this.#archive, wanted, from + done), "read", sealedFiles.archive);
      if (read === 0) throw new Error("the archive ends in the middle of a file");
      writeWhole(index, wanted.subarray(0, read), at + done);
      done += read;
    }
  }
}

function writeWhole(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    done += rooted.must(rooted.writeAt(fd, bytes.subarray(done), position + done), "write", sealedFiles.archive);
  }
}
