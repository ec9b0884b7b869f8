import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { describeOpenError } from "../environment.ts";
import { assertsFolder, type CopyEnd, keepEnding, splitPath } from "./copy-paths.ts";

const maxLinks = 10;

/** A path of this machine from the root on, with what it says at its end. */
export function absolutePath(path: string): string {
  return keepEnding(path.startsWith("/") ? path : `${process.cwd()}/${path}`, path);
}

/** What is to be copied from here; a link itself, unless links are followed. @throws Error "lstat /x: no such file or directory" */
export function lookAtSource(path: string, follow: boolean): CopyEnd {
  const { folder, base } = splitPath(path);
  const resolved = follow
    ? keepEnding(
        asking("lstat", path, () => realpathSync(path)),
        path,
      )
    : keepEnding(`${asking("lstat", folder, () => realpathSync(folder))}/${base}`, path);
  const bare = lookedAt(resolved.replace(/(.)\/(?:\.?)$/, "$1"));
  if (assertsFolder(path) && bare !== undefined && !bare.isDirectory() && !bare.isSymbolicLink()) throw new Error("not a directory");
  const status = asking("lstat", resolved, () => lstatSync(resolved));
  const isRenamed = splitPath(resolved).base !== base;
  return { path: resolved, exists: true, isFolder: status.isDirectory(), ...(isRenamed && { name: base }) };
}

/** Where a copy goes to: what is there, behind links, or a name in a directory that is. @throws Error in Docker's words */
export function lookAtDestination(path: string): CopyEnd {
  let place = path;
  let status = lookedAt(place);
  for (let links = 0; status?.isSymbolicLink() === true; links += 1) {
    if (links > maxLinks) throw new Error(`too many symbolic links in "${path}"`);
    const target = readlinkSync(place.replace(/\/+$/, ""));
    place = target.startsWith("/") ? target : `${splitPath(place).folder}${target}`;
    status = lookedAt(place);
  }
  if (status !== undefined) return { path: place, exists: true, isFolder: status.isDirectory() };
  const { folder } = splitPath(place);
  if (!asking("stat", folder, () => statSync(folder)).isDirectory()) throw new Error("not a directory");
  return { path: place, exists: false, isFolder: false };
}

/** @throws Error in Docker's words when nothing can be written there */
export function checkOutput(path: string): void {
  const folder = splitPath(path).folder.replace(/(.)\/$/, "$1");
  if (folder !== "" && lookedAt(folder) === undefined)
    throw new Error(`invalid output path: directory ${JSON.stringify(folder)} does not exist`);
  const status = lookedAt(assertsFolder(path) ? splitPath(path).folder : path);
  if (status === undefined || status.isDirectory() || status.isFile() || status.isSymbolicLink()) return;
  const kind = status.isFIFO() || status.isSocket() ? "an irregular file" : "a device";
  throw new Error(`invalid output path: ${JSON.stringify(path)} must be a directory or a regular file: got ${kind}`);
}

function lookedAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
    throw error;
  }
}

function asking<Result>(call: string, path: string, ask: () => Result): Result {
  try {
    return ask();
  } catch (error) {
    throw new Error(describeOpenError(path, error).replace(/^(?:open|read)/, call), { cause: error });
  }
}
