// A file system of a test's own below a daemon's data root: ext4 on a loop device, seen in the enclosure alone and gone with it.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { succeed } from "./command.ts";
import type { Enclosure } from "./enclosure.ts";
import type { TestPlace } from "./test-place.ts";

export class SmallDisk {
  /** The data root as this process reaches it. */
  readonly root: string;
  readonly #enclosure: Enclosure;
  readonly #dataRoot: string;

  private constructor(enclosure: Enclosure, dataRoot: string) {
    this.#enclosure = enclosure;
    this.#dataRoot = dataRoot;
    this.root = `/proc/${enclosure.pid}/root${dataRoot}`;
  }

  /** Mounts it where the daemon of the place will keep its data. */
  static async open(
    enclosure: Enclosure,
    place: TestPlace,
    size: { readonly megabytes: number; readonly inodes?: number },
  ): Promise<SmallDisk> {
    const image = join(place.home, "disk.img");
    writeFileSync(image, "");
    truncateSync(image, size.megabytes * 1024 * 1024);
    await succeed(["mkfs.ext4", "-q", "-m", "0", ...(size.inodes === undefined ? [] : ["-N", String(size.inodes)]), image]);
    mkdirSync(place.dataRoot, { mode: 0o710 });
    await succeed([...enclosure.prefix, "mount", "-o", "loop", image, place.dataRoot]);
    return new SmallDisk(enclosure, place.dataRoot);
  }

  /** Bytes that anybody could still write. */
  get free(): number {
    const { bavail, bsize } = statfsSync(this.root);
    return bavail * bsize;
  }

  /** Takes all room but `left` bytes. */
  fill(left = 0): void {
    const piece = new Uint8Array(1024 * 1024).fill(1);
    const fd = openSync(join(this.root, "filler"), "a");
    try {
      for (let room = this.free - left; room > 0; room = this.free - left) writeSync(fd, piece.subarray(0, Math.min(piece.length, room)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    } finally {
      closeSync(fd);
    }
  }

  /** Takes every inode. */
  fillInodes(): void {
    const folder = join(this.root, "fillers");
    mkdirSync(folder, { recursive: true });
    try {
      for (;;) writeFileSync(join(folder, String(readdirSync(folder).length)), "");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }

  /** Gives back what was taken. */
  empty(): void {
    for (const name of ["filler", "fillers"]) if (existsSync(join(this.root, name))) rmSync(join(this.root, name), { recursive: true });
  }

  /** Makes it read-only, or writable again, as a kernel does that has met an error. */
  async remount(mode: "ro" | "rw"): Promise<void> {
    await succeed([...this.#enclosure.prefix, "mount", "-o", `remount,${mode}`, this.#dataRoot]);
  }
}
