import { constants } from "node:os";

const names = new Map<number, string>(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** What is no mistake of ours, in the words that everybody has for it. */
const words: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on device",
  EDQUOT: "disk quota exceeded",
  EROFS: "read-only file system",
  EIO: "input/output error",
};

/** A system call that failed: which, on what, and the kernel's reason. Adapters translate it into a fault. */
export class KernelError extends Error {
  readonly call: string;
  readonly errno: number;
  /** "ENOENT" */
  readonly code: string;
  readonly subject: string | undefined;

  constructor(call: string, errno: number, subject?: string) {
    const code = names.get(errno) ?? `errno ${errno}`;
    const reason = words[code] ?? code;
    super(subject === undefined ? `${call}: ${reason}` : `${call} ${subject}: ${reason}`);
    this.name = "KernelError";
    this.call = call;
    this.errno = errno;
    this.code = code;
    this.subject = subject;
  }
}

/** True when `error` is the kernel's refusal with this code, wherever it came from (our calls or node:fs). */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}
