export { parseLogLimits, type LogLimits } from "./log-limits.ts";
export { type LogRotation } from "./log-rotation.ts";
export { type LogEntry, type LogQuery, type LogReader } from "./log-reader.ts";
