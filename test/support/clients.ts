// Programs that use other people's clients, as `npm test` has fetched them.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, toolPath } from "./tools.ts";

const fetched = join(projectRoot, ".cache/clients");

export interface ClientProgram {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Those that need a newer Node than the machine may have. */
const underBun = new Set(["testcontainers.mjs"]);

/** A program of test/clients: .mjs runs under Node (or Bun) and finds packages below CLIENTS, .py under Python. @throws when its client was not fetched */
export function clientProgram(name: string): ClientProgram {
  const path = join(projectRoot, "test/clients", name);
  const python = name.endsWith(".py");
  const packages = join(fetched, python ? "python" : "node_modules");
  if (!existsSync(packages)) throw new Error(`${packages} is missing: npm test sets it up`);
  return python
    ? { command: [toolPath("python3"), path], env: { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1" } }
    : { command: [underBun.has(name) ? process.execPath : toolPath("node"), path], env: { CLIENTS: join(fetched, "/") } };
}
