import type { Command } from "./command.ts";

export type Loader = () => Promise<Command>;

/** A command as the catalogue lists it. */
export interface Entry {
  readonly load: Loader;
  readonly summary: string;
  /** Words for it: the first is its short form, the others its management forms. */
  readonly paths: readonly string[];
  /** Where the help lists it. */
  readonly common?: boolean;
  /** Called by programs, and left out of help, reference and completion. */
  readonly hidden?: boolean;
}
