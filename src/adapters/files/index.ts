export { fileCalls } from "./file-calls.ts";
export { ThreadInflater } from "./thread-inflater.ts";
export { ThreadContainerFiles } from "./thread-files.ts";
