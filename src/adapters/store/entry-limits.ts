import { fault } from "#base";
import { quoteBytes, type TarEntry } from "#image";

const noId = 4_294_967_295;

/** @throws invalid for an owner that the kernel has no number for */
export function checkOwner({ uid, gid, name }: TarEntry): void {
  if (uid < 0 || uid >= noId || gid < 0 || gid >= noId) throw fault("invalid", `${quoteBytes(name)}: no such owner: ${uid}:${gid}`);
}

/** @throws invalid for a device that has more than the 12 and 20 bits of the kernel's numbers */
export function checkDevice({ major, minor, name }: TarEntry): void {
  if (isNumber(major, 12) && isNumber(minor, 20)) return;
  throw fault("invalid", `${quoteBytes(name)}: no such device number: ${major}:${minor}`);
}

function isNumber(value: number, bits: number): boolean {
  return value >= 0 && value < 2 ** bits;
}
