import { spawn } from "node:child_process";
import { constants } from "node:os";
import { isTerminal } from "../terminal.ts";
import type { Plugin } from "./plugin.ts";

const passed = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Runs a plugin in our place, with our streams, and resolves with its exit code; 128 and the signal's number when one ended it. */
export function runPlugin(plugin: Plugin, args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(plugin.path, args, {
    stdio: "inherit",
    env: { ...process.env, DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: process.argv0, ...env },
  });
  for (const signal of passed) {
    process.on(signal, () => {
      // What is typed at a terminal reaches the plugin without us.
      if (signal !== "SIGINT" || !isTerminal(1)) child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  });
}
