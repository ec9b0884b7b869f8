import { type Digest, fault } from "#base";
import { rooted } from "#linux";
import { closeSync, constants, existsSync, fsyncSync, openSync, renameSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import type { IngestJob } from "./store-message.ts";

/** A blob on its way in, in a store thread: hashed as it is written, visible only by `seal`. Disposing an unsealed one removes it. */
export class IngestFile implements Disposable {
  readonly #job: IngestJob;
  readonly #fd: number;
  readonly #hasher = new Bun.CryptoHasher("sha256");
  #size = 0;
  #isSealed = false;

  constructor(job: IngestJob) {
    this.#job = job;
    this.#fd = openSync(job.path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  }

  /** Bytes taken so far. */
  get size(): number {
    return this.#size;
  }

  /** @throws invalid when there are more bytes than expected */
  push(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#job.size !== undefined && this.#size > this.#job.size) throw wrongSize(this.#job.size, `more than ${this.#job.size}`);
    this.#hasher.update(bytes);
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(rooted.must(rooted.write(this.#fd, rest), "write", this.#job.path));
  }

  /** Checks, syncs, renames, syncs the folder; what does not have to last is not synced. @throws invalid when digest or size differ from what was expected */
  seal(): void {
    const { digest, size, path, target, isLasting } = this.#job;
    if (size !== undefined && size !== this.#size) throw wrongSize(size, String(this.#size));
    const found: Digest = `sha256:${this.#hasher.digest("hex")}`;
    if (found !== digest) throw fault("invalid", `unexpected commit digest ${found}, expected ${digest}`);
    // Somebody else's may be settled and named by now.
    if (!isLasting && existsSync(target)) return;
    if (isLasting) fsyncSync(this.#fd);
    renameSync(path, target);
    this.#isSealed = true;
    if (isLasting) syncFolder(dirname(target));
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
    if (!this.#isSealed) unlinkSync(this.#job.path);
  }
}

/** Makes renames in the folder outlive a power cut. */
export function syncFolder(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function wrongSize(expected: number, found: string): Error {
  return fault("invalid", `unexpected commit size ${found}, expected ${expected}`);
}
