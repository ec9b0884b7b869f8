import { formatInstant } from "#base";
import type { FileChange, PathStatus } from "#container";

/** What is at a path, as the header of the archive routes tells it. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** Go's os.FileMode. */
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget: string;
}

export function statView({ name, size, mode, mtime, linkTarget }: PathStatus): PathStat {
  const at = formatInstant(BigInt(mtime.seconds) * 1_000_000_000n + BigInt(mtime.nanos));
  return { name, size, mode: goFileMode(mode), mtime: at, linkTarget };
}

/** stat(2)'s types, and the bits that Go has for them (io/fs, FileMode). */
const types: Readonly<Record<number, number>> = {
  0o040000: 2 ** 31,
  0o120000: 2 ** 27,
  0o060000: 2 ** 26,
  0o020000: 2 ** 26 + 2 ** 21,
  0o010000: 2 ** 25,
  0o140000: 2 ** 24,
};

function goFileMode(mode: number): number {
  const special = (mode & 0o4000 ? 2 ** 23 : 0) + (mode & 0o2000 ? 2 ** 22 : 0) + (mode & 0o1000 ? 2 ** 20 : 0);
  return (types[mode & 0o170000] ?? 0) + special + (mode & 0o777);
}

const kinds = { modified: 0, added: 1, deleted: 2 } as const;

/** Docker says null where nothing differs. */
export function changesView(changes: readonly FileChange[]): readonly { readonly Path: string; readonly Kind: 0 | 1 | 2 }[] | null {
  return changes.length === 0 ? null : changes.map(({ path, kind }) => ({ Path: path, Kind: kinds[kind] }));
}
