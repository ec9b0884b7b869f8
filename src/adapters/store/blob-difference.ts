import { closeSync, openSync, readSync } from "node:fs";
import { type Digest, messageOf } from "#base";
import { hasCode } from "#linux";

const pieceSize = 1024 * 1024;

/** What a disk says that cannot give its own bytes back. */
export const unreadable = ["EIO", "EUCLEAN", "EBADMSG"] as const;

/** What is wrong with the file of a blob, in words; for a store thread, which it holds as long as it reads. */
export function blobDifference(path: string, digest: Digest): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "it is not there";
    throw error;
  }
  try {
    const hasher = new Bun.CryptoHasher("sha256");
    const piece = new Uint8Array(pieceSize);
    for (;;) {
      const length = readSync(fd, piece);
      if (length === 0) break;
      hasher.update(piece.subarray(0, length));
    }
    const found = `sha256:${hasher.digest("hex")}`;
    return found === digest ? undefined : `its bytes are those of ${found}`;
  } catch (error) {
    // A disk that cannot read its own sectors is what somebody wants to know here.
    if (hasCode(error, ...unreadable)) return `it cannot be read: ${messageOf(error)}`;
    throw error;
  } finally {
    closeSync(fd);
  }
}
