import { EngineError, type Fault } from "#base";
import { KernelError } from "./kernel-error.ts";

/** An error crosses the worker's border as facts, since classes do not. */
export interface KernelFailure {
  readonly message: string;
  readonly fault?: Fault;
  readonly call?: string;
  readonly errno?: number;
  readonly subject?: string;
}

/** The facts of an error. */
export function failureOf(error: unknown): KernelFailure {
  if (error instanceof KernelError) {
    return { message: error.message, call: error.call, errno: error.errno, ...(error.subject !== undefined && { subject: error.subject }) };
  }
  // Calls of node:fs carry the kernel's reason too, and callers go by it.
  if (error instanceof Error && "errno" in error && "syscall" in error) {
    const { errno, syscall, path, message } = error as NodeJS.ErrnoException;
    return { message, call: syscall ?? "", errno: Math.abs(errno ?? 0), ...(path !== undefined && { subject: path }) };
  }
  if (error instanceof EngineError) return { message: error.message, fault: error.fault };
  return { message: error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error) };
}

/** The error again, on the other side. */
export function errorOf({ message, fault, call, errno, subject }: KernelFailure): Error {
  if (fault !== undefined) return new EngineError(fault, message);
  return call === undefined || errno === undefined ? new Error(message) : new KernelError(call, errno, subject);
}
