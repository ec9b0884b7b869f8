#!/usr/bin/env -S bun --no-env-file --config=/dev/null
// Entry point: picks command line or daemon by the name it was called by and its first word. Each is loaded only when it is the one.
import { basename } from "node:path";

const name = basename(process.argv0);
const args = process.argv.slice(2);

if (name === "gantryd" || args[0] === "daemon") {
  const { runDaemon } = await import("./daemon.ts");
  await runDaemon(args[0] === "daemon" ? args.slice(1) : args);
} else {
  const { runCli } = await import("#cli");
  process.exit(await runCli(args, { program: name === "docker" ? "docker" : "gantry" }));
}
