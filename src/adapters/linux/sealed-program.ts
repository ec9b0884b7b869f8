import { closeSync, readFileSync, writeSync } from "node:fs";
import { cString, syscall } from "./libc.ts";
import { sys } from "./numbers.ts";

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
/** F_SEAL_SEAL, SHRINK, GROW and WRITE (fcntl(2)). */
const everySeal = 0xf;

const sealed = new Map<string, string>();

/**
 * A path under which this process and its children can run an unchangeable copy of a program, for as long as this process lives
 * (memfd_create(2)). The copy is made once for each path. @throws when the program cannot be read
 */
export function sealProgram(path: string): string {
  const known = sealed.get(path);
  if (known !== undefined) return known;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const fd = syscall({ name: "memfd_create", number: sys.memfdCreate, subject: path }, cString(name), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  try {
    const bytes = readFileSync(path);
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    syscall({ name: "fcntl", number: sys.fcntl, subject: path }, fd, F_ADD_SEALS, everySeal);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  const copy = `/proc/${process.pid}/fd/${fd}`;
  sealed.set(path, copy);
  return copy;
}
