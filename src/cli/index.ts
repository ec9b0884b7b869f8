export { autostartDaemon } from "./autostart.ts";
export { runCli } from "./run-cli.ts";
