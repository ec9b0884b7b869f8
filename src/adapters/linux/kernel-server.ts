import { kernelCalls, type KernelFailure, type KernelReply, type KernelRequest } from "./kernel-calls.ts";
import { KernelError } from "./kernel-error.ts";

declare const self: Worker;

/** Makes the current thread a kernel worker: answers each request in the order of arrival. */
export function serveKernelCalls(): void {
  self.addEventListener("message", (event: MessageEvent<KernelRequest>) => {
    self.postMessage(answer(event.data));
  });
}

function answer(request: KernelRequest): KernelReply {
  try {
    const call = kernelCalls[request.name] as (...args: readonly unknown[]) => unknown;
    return { id: request.id, value: call(...request.args) };
  } catch (error) {
    return { id: request.id, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): KernelFailure {
  if (error instanceof KernelError) {
    return { message: error.message, call: error.call, errno: error.errno, ...(error.subject !== undefined && { subject: error.subject }) };
  }
  // Calls of node:fs carry the kernel's reason too, and callers go by it.
  if (error instanceof Error && "errno" in error && "syscall" in error) {
    const { errno, syscall, path, message } = error as NodeJS.ErrnoException;
    return { message, call: syscall ?? "", errno: Math.abs(errno ?? 0), ...(path !== undefined && { subject: path }) };
  }
  return { message: error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error) };
}
