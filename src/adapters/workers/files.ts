// A thread for files in and out of containers; like a kernel worker it may hang in any call without harm to the daemon's loop.
import { fileCalls } from "#files";
import { serveKernelCalls } from "#linux";

serveKernelCalls(fileCalls);
