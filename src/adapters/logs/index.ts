export { FileLogReader } from "./file-log-reader.ts";
export { rotateLog } from "./log-files.ts";
