import type { BindOwner } from "./spec.ts";

/**
 * Host paths that callers bind into containers. Both calls follow links, as a mount of the path would, and are
 * given up as unavailable when the path hangs (a dead network file system). `make` leaves what is there as it is.
 */
export interface BindSources {
  /** What is there: anything that is no folder is a file. */
  look(path: string): Promise<"folder" | "file" | undefined>;
  make(path: string): Promise<void>;
  /** The mount of this machine that a path lies on, and how that travels. */
  mountOf(path: string): Promise<SourceMount>;
  /**
   * Shows what is there at `place`, a path of the engine's own, `recursive` with what is mounted below. With `owners`, what is `of` on disk seems
   * to be `as`, who writes as that one, and what is `as` on disk is nobody's. @throws unsupported where the file system cannot
   */
  open(path: string, place: string, appearance: SourceAppearance): Promise<OpenedSource>;
}

/** A mount that a bind's source lies on. */
export interface SourceMount {
  readonly path: string;
  readonly shared: boolean;
  readonly slave: boolean;
}

export interface SourceAppearance {
  readonly recursive: boolean;
  readonly owners?: { readonly of: BindOwner; readonly as: BindOwner };
}

/** A bind source at a place of the engine's. Disposing takes it from its place; a created container keeps its own copy. */
export interface OpenedSource extends AsyncDisposable {
  readonly path: string;
}
