import { dirname } from "node:path";

/** A piece and what came of it, as in "made" or "removed". */
export interface Told {
  readonly outcome: string;
  readonly path: string;
}

/** A line for each piece, and one for all manual pages of a folder that fared alike: there is one for every command. */
export function tellPieces(pieces: readonly Told[]): readonly string[] {
  const pages = Map.groupBy(pieces.filter(isPage), groupOf);
  const others = pieces.filter((piece) => !isPage(piece)).map(({ outcome, path }) => `${outcome} ${path}`);
  return [...others, ...[...pages].map(([group, { length }]) => `${group}: ${length} manual page${length === 1 ? "" : "s"}`)];
}

function isPage({ path }: Told): boolean {
  return /\/man\d\/[^/]+$/.test(path);
}

function groupOf({ outcome, path }: Told): string {
  return `${outcome} ${dirname(path)}`;
}
