import { fault } from "#base";
import { type ByteString, bytesOf } from "#image";
import { rooted } from "#linux";

// What overlayfs would obey: an image must not move or hide anything of other layers by writing its marks.
const overlayPrefixes = ["trusted.overlay.", "user.overlay."];

/** The extended attributes of an entry that go to disk: all but overlayfs's own. */
export function* keptXattrs(xattrs: ReadonlyMap<ByteString, ByteString>): Generator<readonly [ByteString, Uint8Array]> {
  for (const [name, value] of xattrs) {
    if (!overlayPrefixes.some((prefix) => name.startsWith(prefix))) yield [name, bytesOf(value)];
  }
}

const EPERM = -1;
const EOPNOTSUPP = -95;

/**
 * Judges a refusal as Docker does: a file system without such attributes loses them in silence, and so do the user's attributes on what can
 * have none (xattr(7)). Lost capabilities would be a program that fails later, so they are an error.
 * @throws unsupported, KernelError
 */
export function checkXattr(result: number, name: ByteString, subject: string): void {
  if (result >= 0) return;
  if (result === EOPNOTSUPP && name === "security.capability") {
    throw fault("unsupported", `the file system of the data root cannot keep the capabilities of ${subject}`);
  }
  if (result === EOPNOTSUPP || (result === EPERM && name.startsWith("user."))) return;
  rooted.must(result, "setxattr", subject);
}
