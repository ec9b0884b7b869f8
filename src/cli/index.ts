export { autostartDaemon } from "./autostart.ts";
export { type Flag, type FlagValues, parseBool, parseInteger } from "./flag.ts";
export { flagTable } from "./help.ts";
export { parseFlags } from "./parse-flags.ts";
export { parseBytes, parseUlimit } from "./quantities.ts";
export { runCli } from "./run-cli.ts";
