import { closeSync, openSync } from "node:fs";
import { KernelError } from "./kernel-error.ts";
import { syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

const exclusiveNow = 2 | 4;
const wouldBlock = 11;

/**
 * Locks a file of the daemon's own for this process (flock(2), LOCK_EX without waiting), making it when it is missing; undefined when
 * another process holds it. The kernel drops the lock when the process ends, however it ends.
 */
export function lockFile(path: string): Disposable | undefined {
  const descriptor = openSync(path, "a+", 0o644);
  const result = syscallRaw(sys.flock, descriptor, exclusiveNow);
  if (result === 0) return { [Symbol.dispose]: (): void => closeSync(descriptor) };
  closeSync(descriptor);
  if (result === -wouldBlock) return undefined;
  throw new KernelError("flock", -result, path);
}
