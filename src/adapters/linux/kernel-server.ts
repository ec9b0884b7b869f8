import { type CallTable, kernelCalls, type KernelReply, type KernelRequest } from "./kernel-calls.ts";
import { failureOf } from "./kernel-failure.ts";

declare const self: Worker;

/** Makes the current thread a kernel worker: answers each request in the order of arrival. */
export function serveKernelCalls(calls: CallTable = kernelCalls): void {
  self.addEventListener("message", (event: MessageEvent<KernelRequest>) => {
    const reply = answer(calls, event.data);
    // Bytes that are a whole result are handed over, not copied.
    const bytes = "value" in reply && reply.value instanceof Uint8Array ? reply.value.buffer : undefined;
    self.postMessage(reply, bytes instanceof ArrayBuffer ? [bytes] : []);
  });
}

function answer(calls: CallTable, request: KernelRequest): KernelReply {
  try {
    const call = calls[request.name] as (...args: readonly unknown[]) => unknown;
    return { id: request.id, value: call(...request.args) };
  } catch (error) {
    return { id: request.id, failure: failureOf(error) };
  }
}
