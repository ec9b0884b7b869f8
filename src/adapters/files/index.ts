export { fileCalls } from "./file-calls.ts";
export { ThreadContainerFiles } from "./thread-files.ts";
