import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { recordPath } from "./pieces.ts";

/** What installing has made, so that uninstalling takes away that and nothing else. */
export interface InstallRecord {
  readonly paths: readonly string[];
  /** Folders that were not there before. */
  readonly folders: readonly string[];
  /** The group docker was not there before. */
  readonly group: boolean;
}

/** Undefined where nothing of ours is installed. */
export function readRecord(root: string): InstallRecord | undefined {
  const path = join(root, recordPath);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as InstallRecord) : undefined;
}

export function writeRecord(root: string, record: InstallRecord): void {
  const path = join(root, recordPath);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
}

/** The folders above `paths` that are not there yet, outermost first. */
export function missingFolders(root: string, paths: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const path of paths)
    for (let folder = dirname(path); folder !== "/" && !existsSync(join(root, folder)); folder = dirname(folder)) folders.add(folder);
  return [...folders].toSorted((left, right) => left.length - right.length);
}

/** Takes the record away, and of its folders those that are empty by now. */
export function removeRecord(root: string, { folders }: InstallRecord): void {
  rmSync(join(root, recordPath));
  for (const folder of folders.toReversed()) {
    const path = join(root, folder);
    if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path);
  }
}
