// Docker's rules for what a copy means: whether the source goes into the destination or becomes it, and under which name. Pure: what is
// there was looked at before.

/** Splits CONTAINER:PATH; a path of this machine has no container. "./a:b" and "/a:b" are such paths. */
export function splitArgument(argument: string): { readonly container: string; readonly path: string } {
  const colon = argument.indexOf(":");
  if (argument.startsWith("/") || colon === -1 || argument.startsWith(".")) return { container: "", path: argument };
  return { container: argument.slice(0, colon), path: argument.slice(colon + 1) };
}

/** One end of a copy. */
export interface CopyEnd {
  readonly path: string;
  readonly exists: boolean;
  readonly isFolder: boolean;
  /** What the source is called in the archive, where that is not the last part of its path. */
  readonly name?: string;
}

export interface CopyPlan {
  /** The directory that the archive is unpacked into. */
  readonly folder: string;
  /** How the first component of each name changes; absent: stays. */
  readonly rename?: { readonly from: string; readonly to: string };
}

/** @throws Error in Docker's words for what cannot be */
export function planCopy(source: CopyEnd, destination: CopyEnd): CopyPlan {
  if (destination.exists && destination.isFolder) return { folder: destination.path };
  if (destination.exists && source.isFolder) throw new Error("cannot copy directory");
  if (!destination.exists && !source.isFolder && assertsFolder(destination.path)) throw new Error("no such directory");
  const { folder, base } = splitPath(destination.path);
  return { folder, rename: { from: source.name ?? splitPath(source.path).base, to: base } };
}

/** A path that can only be a directory's. */
export function assertsFolder(path: string): boolean {
  return path.endsWith("/") || isCurrent(path);
}

/** Directory and last part; "." stays one. */
export function splitPath(path: string): { readonly folder: string; readonly base: string } {
  const clean = cleanPath(path);
  if (isCurrent(path)) return { folder: clean === "/" ? "/" : `${clean}/`, base: "." };
  if (clean === "/") return { folder: "/", base: "/" };
  const slash = clean.lastIndexOf("/");
  return { folder: slash === -1 ? "." : clean.slice(0, slash + 1), base: clean.slice(slash + 1) };
}

/** The same path without "." and "..", but for what it says at its end about being a directory's. */
export function keepEnding(clean: string, original: string): string {
  const path = cleanPath(clean);
  if (isCurrent(original)) return path === "/" ? "/." : `${path}/.`;
  return original.endsWith("/") && path !== "/" ? `${path}/` : path;
}

function isCurrent(path: string): boolean {
  return path === "." || path.endsWith("/.");
}

/** As Go's path.Clean, by text. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  const isRooted = path.startsWith("/");
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (!isRooted) parts.push("..");
  }
  const text = parts.join("/");
  return isRooted ? `/${text}` : text === "" ? "." : text;
}

/** The name of an entry after the change that a plan asks for. Names are bytes, as in archives. */
export function renamed(name: string, rename: CopyPlan["rename"]): string {
  if (rename === undefined) return name;
  const { from, to } = rename;
  if (from === "/") return name.startsWith("/") ? `${to}${name}` : `${to}/${name}`;
  if (name === from || name.startsWith(`${from}/`)) return `${to}${name.slice(from.length)}`;
  return name;
}
