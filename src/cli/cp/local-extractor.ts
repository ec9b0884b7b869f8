// What comes out of a container, written here. The archive may be anybody's: an entry that would go through a link of the archive's own or out
// of the directory is refused. Owners stay the caller's, as with Docker.
import {
  chmodSync,
  closeSync,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { bytesOf, quoteBytes, type TarEntry, type TarSink, type TarTime } from "#image";
import { type CopyPlan, renamed } from "./copy-paths.ts";

export class LocalExtractor implements TarSink, Disposable {
  readonly #folder: string;
  readonly #rename: CopyPlan["rename"];
  readonly #folders: { readonly path: Buffer; readonly time: TarTime; readonly mode: number }[] = [];
  /** Directories that were looked at: no link is among them. */
  readonly #known = new Set<string>();
  #file: { readonly fd: number; readonly entry: TarEntry } | undefined;
  #size = 0;

  constructor({ folder, rename }: CopyPlan) {
    this.#folder = folder.endsWith("/") ? folder : `${folder}/`;
    this.#rename = rename;
  }

  /** Bytes of content so far. */
  get size(): number {
    return this.#size;
  }

  entry(entry: TarEntry): void {
    const parts = this.#partsOf(entry.name);
    if (parts.length === 0) return;
    this.#checkFolders(parts);
    const path = this.#pathOf(parts);
    const there = lstatSync(path, { throwIfNoEntry: false });
    this.#makeRoom(path, there, entry);
    if (entry.type === "directory") {
      if (there?.isDirectory() !== true) mkdirSync(path, 0o700);
      this.#folders.push({ path, time: entry.mtime, mode: entry.mode });
    } else if (entry.type === "file") this.#file = { fd: openSync(path, "wx", 0o600), entry };
    else if (entry.type === "symlink") {
      symlinkSync(Buffer.from(bytesOf(entry.linkName)), path);
      lutimesSync(path, ...timesOf(entry.mtime));
    } else if (entry.type === "hardlink") {
      const target = this.#partsOf(entry.linkName);
      this.#checkFolders(target);
      linkSync(this.#pathOf(target), path);
    } else makeNode(path, entry);
  }

  content(bytes: Uint8Array, position: number): void {
    const file = this.#file;
    if (file === undefined) return;
    for (let done = 0; done < bytes.length;) done += writeSync(file.fd, bytes, done, bytes.length - done, position + done);
    this.#size += bytes.length;
  }

  entryEnd(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    fchmodSync(file.fd, file.entry.mode);
    futimesSync(file.fd, ...timesOf(file.entry.mtime));
    closeSync(file.fd);
  }

  /** Directories get mode and time when nothing is written into them any more. */
  finish(): void {
    for (const { path, time, mode } of this.#folders.toReversed()) {
      chmodSync(path, mode);
      utimesSync(path, ...timesOf(time));
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file.fd);
    this.#file = undefined;
  }

  #partsOf(name: string): readonly string[] {
    const parts = renamed(name, this.#rename)
      .split("/")
      .filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) throw new Error(`invalid entry name ${quoteBytes(name)}`);
    return parts;
  }

  #pathOf(parts: readonly string[]): Buffer {
    return Buffer.concat([Buffer.from(this.#folder), bytesOf(parts.join("/"))]);
  }

  #checkFolders(parts: readonly string[]): void {
    for (let count = 1; count < parts.length; count += 1) {
      const above = parts.slice(0, count);
      if (this.#known.has(above.join("/"))) continue;
      const path = this.#pathOf(above);
      const status = lstatSync(path, { throwIfNoEntry: false });
      if (status === undefined) mkdirSync(path, 0o755);
      else if (!status.isDirectory()) throw new Error(`${quoteBytes(above.join("/"))} is not a directory`);
      this.#known.add(above.join("/"));
    }
  }

  #makeRoom(path: Buffer, there: Stats | undefined, entry: TarEntry): void {
    if (there === undefined) return;
    const comes = entry.type === "directory";
    if (there.isDirectory() && comes) return;
    if (!there.isDirectory() && !comes) {
      rmSync(path);
      return;
    }
    const [old, fresh] = comes ? ["non-directory", "directory"] : ["directory", "non-directory"];
    throw new Error(`cannot overwrite ${old} ${JSON.stringify(path.toString())} with ${fresh} ${JSON.stringify(this.#folder)}`);
  }
}

/** Nothing here can make a device or a FIFO without a program of its own. */
function makeNode(path: Buffer, { type, mode, major, minor }: TarEntry): void {
  const words = type === "fifo" ? ["p"] : [type === "char" ? "c" : "b", String(major), String(minor)];
  const made = Bun.spawnSync(["mknod", "-m", mode.toString(8), "--", path.toString(), ...words], { stdin: "ignore", stdout: "ignore" });
  if (made.exitCode !== 0) throw new Error(made.stderr.toString().trim());
}

function timesOf({ seconds, nanos }: TarTime): [number, number] {
  const time = seconds + nanos / 1e9;
  return [time, time];
}
