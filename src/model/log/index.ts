export { type LogEntry, type LogQuery, type LogReader } from "./log-reader.ts";
