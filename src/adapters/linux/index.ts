export { hasCode, KernelError } from "./kernel-error.ts";
export { serveKernelCalls } from "./kernel-server.ts";
export { Kernel, type KernelPort } from "./kernel.ts";
export { isCompiled, startWorker } from "./worker-thread.ts";
