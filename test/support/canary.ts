// The oracle of all attack tests: a tree that nobody may touch, with a marker that nobody may read. An attack was survived when `violations` is
// empty: the tree is what it was (inode, links, bytes, mode, owner, time, extended attributes), the marker shows up nowhere, mounts, network
// namespaces and firewall are as before, this process still lives within its memory, and the answer came in time.
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, type BigIntStats } from "node:fs";
import { chmod, lutimes, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { xattrsOf } from "./xattrs.ts";

export interface CanaryWatch {
  /** Folders that must stay what they are, whatever happens inside: their inode and type. */
  readonly roots?: readonly string[];
  /** Text of the mount table, of the network namespaces or the firewall that belongs to the test; others share the machine. */
  readonly machine?: () => string;
  /** Bytes that resident memory may grow by. */
  readonly memory?: number;
  /** Milliseconds within which all must be over. */
  readonly patience?: number;
}

export interface CanaryTraces {
  /** Trees whose files' names and contents must not hold the marker. */
  readonly trees?: readonly string[];
  /** Logs, events, replies. */
  readonly texts?: readonly string[];
}

/** A planted tree. Disposing removes it. */
export class Canary implements AsyncDisposable {
  readonly path: string;
  readonly marker: string;
  readonly #watch: CanaryWatch;
  readonly #before: string;
  readonly #roots: string;
  readonly #machine: string;
  readonly #memory = process.memoryUsage.rss();
  readonly #started = performance.now();

  private constructor(path: string, marker: string, watch: CanaryWatch) {
    this.path = path;
    this.marker = marker;
    this.#watch = watch;
    this.#before = portrait(path);
    this.#roots = rootsOf(watch);
    this.#machine = mountsBelow(path) + (watch.machine?.() ?? "");
  }

  /** Plants secret (mode 0400), folder/inner, and a link, in a new folder at `path`. */
  static async plant(path: string, watch: CanaryWatch = {}): Promise<Canary> {
    const marker = crypto.getRandomValues(new Uint8Array(16)).toHex();
    await mkdir(join(path, "folder"), { recursive: true });
    await writeFile(join(path, "secret"), `marker ${marker}\n`);
    await writeFile(join(path, "folder/inner"), `marker ${marker}\n`);
    await symlink("secret", join(path, "link"));
    await chmod(join(path, "secret"), 0o400);
    for (const name of ["secret", "folder/inner", "folder", "link", ""]) await lutimes(join(path, name), 1_600_000_000, 1_600_000_000);
    return new Canary(path, marker, watch);
  }

  /** What went wrong, a sentence each; empty when the attack did nothing. */
  violations(traces: CanaryTraces = {}): readonly string[] {
    const { roots, machine, memory = 64 * 1024 * 1024, patience = 10_000 } = this.#watch;
    const seconds = performance.now() - this.#started;
    const grown = process.memoryUsage.rss() - this.#memory;
    const found = [
      ...differences(this.#before, portrait(this.path)),
      ...differences(this.#roots, rootsOf({ roots: roots ?? [] })),
      ...differences(this.#machine, mountsBelow(this.path) + (machine?.() ?? "")),
      ...(traces.trees ?? []).flatMap((tree) => this.#markedIn(tree)),
      ...(traces.texts ?? [])
        .filter((text) => text.includes(this.marker))
        .map((text) => `the marker is in ${JSON.stringify(text.slice(0, 200))}`),
    ];
    if (grown > memory) found.push(`memory grew by ${Math.round(grown / 1024 / 1024)} MiB`);
    if (seconds > patience) found.push(`it took ${Math.round(seconds)} ms`);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  #markedIn(tree: string): readonly string[] {
    const status = lstatSync(tree, { throwIfNoEntry: false });
    if (status === undefined) return [];
    return (status.isDirectory() ? walk(tree) : [tree]).flatMap((path) => {
      const isMarked = path.includes(this.marker) || unlessGone(() => lstatSync(path).isFile() && readFileSync(path).includes(this.marker));
      return isMarked === true ? [`the marker is in ${path}`] : [];
    });
  }
}

/** A data root is looked at while its trash is emptied: what is gone holds nothing any more. */
function unlessGone<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Everything below a folder. Not readdir's own recursion, which enters links. */
function walk(root: string): readonly string[] {
  return (unlessGone(() => readdirSync(root, { withFileTypes: true })) ?? [])
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(root, entry.name);
      return entry.isDirectory() ? [path, ...walk(path)] : [path];
    });
}

/** Everything that an attack could change, as lines. */
function portrait(root: string): string {
  if (!existsSync(root)) return `${root} is gone`;
  return [root, ...walk(root)].map(line).join("\n");
}

function line(path: string): string {
  const status = lstatSync(path, { bigint: true });
  const { ino, nlink, mode, uid, gid, mtimeNs } = status;
  return `${path} ino=${ino} nlink=${nlink} mode=${mode.toString(8)} owner=${uid}:${gid} mtime=${mtimeNs} ${contentOf(path, status)} ${JSON.stringify(xattrsOf(path))}`;
}

function contentOf(path: string, status: BigIntStats): string {
  if (status.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  return status.isFile() ? `sha256=${new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex")}` : "";
}

function rootsOf({ roots = [] }: CanaryWatch): string {
  return roots
    .map((path) => (existsSync(path) ? `${path} ino=${lstatSync(path).ino} folder=${lstatSync(path).isDirectory()}` : `${path} is gone`))
    .join("\n");
}

function mountsBelow(path: string): string {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return mounts.filter((mount) => mount.includes(path)).join("\n");
}

function differences(before: string, after: string): readonly string[] {
  if (before === after) return [];
  const [old, fresh] = [before.split("\n"), after.split("\n")];
  const lost = old.filter((text) => !fresh.includes(text)).map((text) => `was: ${text}`);
  return [...lost, ...fresh.filter((text) => !old.includes(text)).map((text) => `is: ${text}`)];
}
