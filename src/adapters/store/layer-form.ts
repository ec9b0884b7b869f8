import type { TarSink } from "#image";
import type { LayerRecord } from "./store-message.ts";
import { LayerTree } from "./layer-tree.ts";
import { LayerUnpacker } from "./layer-unpacker.ts";

/** What an archive becomes on disk as it flows by, in a store thread: one kind for each driver. Disposing lets go of its files. */
export interface LayerForm extends Disposable {
  /** Takes what a decoder finds in the archive. */
  readonly sink: TarSink;
  /** Takes the archive's own bytes, in order: every piece, and each before the sink hears of what is in it. */
  keep(bytes: Uint8Array): void;
  /** The archive was whole and the one that was meant: writes the rest, and tells what the layer's record says. */
  finish(): LayerRecord;
  /** Whoever reads the layer needs other pages than were written: those that are on the disk leave memory, others begin their way there. */
  dropPages(): void;
}

/** The `directory` driver: a file for a file. */
export class TreeForm implements LayerForm {
  readonly #tree: LayerTree;
  readonly sink: LayerUnpacker;

  /** Takes an empty folder. */
  constructor(path: string) {
    this.#tree = new LayerTree(path);
    this.sink = new LayerUnpacker(this.#tree);
  }

  keep(): void {
    // Once they are files nobody needs them.
  }

  finish(): LayerRecord {
    this.#tree.finish();
    return { version: 1, form: "tree", size: this.sink.size, implied: this.#tree.implied };
  }

  dropPages(): void {
    // Its pages are those that containers read.
  }

  [Symbol.dispose](): void {
    this.sink[Symbol.dispose]();
    this.#tree[Symbol.dispose]();
  }
}
