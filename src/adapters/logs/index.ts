export { FileLogReader } from "./file-log-reader.ts";
export { FileLogRotation } from "./file-log-rotation.ts";
export { rotateLog } from "./log-files.ts";
