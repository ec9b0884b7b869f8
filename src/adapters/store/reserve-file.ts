// Room that nobody else can take: on a full disk an engine must still be able to write down what it removes. The file has blocks and no content;
// it gives them back in slices, to whoever writes next, and takes them again when there is room for everybody.
import { closeSync, constants, ftruncateSync, openSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { hasCode, rooted } from "#linux";

const whole = 16 * 1024 * 1024;
const notSupported = -95;
const slice = 1024 * 1024;

/** For one thread, which it holds while it works. What a file system cannot allocate ahead is no reserve there, and no error. */
export class ReserveFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Gives back room for a few hundred commits; false when there is none left to give. */
  give(): boolean {
    const size = this.#size();
    if (size === 0) return false;
    this.#withFile(constants.O_WRONLY, (fd) => ftruncateSync(fd, Math.max(0, size - slice)));
    return true;
  }

  /** Gives room where there is hardly any. */
  giveWhenFull(): void {
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    if (bavail * bsize < slice) this.give();
  }

  /** Takes what is missing, but never the last that others could use. False when another try may get more. */
  fill(): boolean {
    try {
      const missing = whole - this.#size();
      if (missing <= 0) return true;
      const { bavail, bsize } = statfsSync(dirname(this.#path));
      if (bavail * bsize < missing + 2 * whole) return false;
      return this.#withFile(constants.O_WRONLY | constants.O_CREAT, (fd) => {
        const result = rooted.allocate(fd, whole);
        return result >= 0 || result === notSupported;
      });
    } catch (error) {
      if (hasCode(error, "ENOSPC", "EDQUOT", "EROFS", "EIO")) return false;
      throw error;
    }
  }

  #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  #withFile<Result>(flags: number, use: (fd: number) => Result): Result {
    const fd = openSync(this.#path, flags, 0o600);
    try {
      return use(fd);
    } finally {
      closeSync(fd);
    }
  }
}
