// An unpacker with the mistakes that history knows: names joined to the root as text, links followed, attributes set by path, whiteouts deleted
// where they point. It exists to show that the canary catches what it does. Never use it but below a folder of a test.
import { byteString, TarDecoder, type TarEntry } from "#image";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** Unpacks below `root` as carelessly as can be. Entries that fail are skipped, so that each attack goes as far as it can. */
export function unpackUnsafely(bytes: Uint8Array, root: string): void {
  let current: TarEntry | undefined;
  let content = "";
  const decoder = new TarDecoder({
    entry: (entry) => {
      current = entry;
      content = "";
    },
    content: (data) => {
      content += byteString(data);
    },
    entryEnd: () => {
      if (current !== undefined) makeEntry(root, current, content);
    },
  });
  decoder.push(bytes);
  decoder.finish();
}

function makeEntry(root: string, entry: TarEntry, content: string): void {
  const path = join(root, entry.name).replace(/\/+$/, "");
  try {
    const name = basename(entry.name);
    if (name === ".wh..wh..opq") return emptyFolder(dirname(path));
    if (name.startsWith(".wh.")) return rmSync(join(dirname(path), name.slice(4)), { recursive: true, force: true });
    mkdirSync(dirname(path), { recursive: true });
    makeFile(root, path, { entry, content });
    if (entry.type === "symlink") return;
    chownSync(path, entry.uid, entry.gid);
    chmodSync(path, entry.mode);
    utimesSync(path, entry.mtime.seconds, entry.mtime.seconds);
  } catch {
    // The next entry may be the one that does it.
  }
}

function makeFile(root: string, path: string, { entry, content }: { readonly entry: TarEntry; readonly content: string }): void {
  switch (entry.type) {
    case "directory":
      if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) unlinkSync(path);
      mkdirSync(path, { recursive: true });
      return;
    case "symlink":
      if (existsSync(path)) rmSync(path, { recursive: true });
      symlinkSync(entry.linkName, path);
      return;
    case "hardlink":
      linkSync(join(root, entry.linkName), path);
      return;
    case "file":
    case "char":
    case "block":
    case "fifo":
      if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) rmSync(path, { recursive: true });
      writeFileSync(path, content);
  }
}

function emptyFolder(path: string): void {
  for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true });
}
