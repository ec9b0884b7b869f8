// A kernel worker: runs calls of `kernelCalls`, one after the other, and may hang in any of them without harm to the daemon's loop.
import { serveKernelCalls } from "#linux";

serveKernelCalls();
