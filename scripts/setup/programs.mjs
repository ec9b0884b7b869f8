// Finds and runs programs. Plain Node, no dependency: this runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
/** Packages that are unpacked here instead of being installed. */
export const unpackedRoot = join(root, ".cache/tools");

const searchPath = [
  ...(process.env.PATH ?? "").split(delimiter),
  "/usr/local/sbin",
  "/usr/sbin",
  "/sbin",
  ...["usr/bin", "usr/sbin", "bin", "sbin"].map((folder) => join(unpackedRoot, folder)),
];

/** PATH with the folders of administrators and of unpacked packages behind it. */
export const wholePath = [...new Set(searchPath)].filter((folder) => folder !== "").join(delimiter);

/** Path of a program, or undefined. */
export function findProgram(name) {
  return searchPath.map((folder) => join(folder, name)).find((path) => existsSync(path) && statSync(path).isFile());
}

/** Runs and shows the output as it comes. Gives true when the exit code is 0. */
export function runVisibly(command, options = {}) {
  const [program, ...args] = command;
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], ...options });
  if (error !== undefined) throw new Error(`${program}: ${error.message}`, { cause: error });
  return status === 0;
}

/** Runs quietly. */
export function runQuietly(command, options = {}) {
  const [program, ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8", ...options });
  return { ok: status === 0, output: `${stdout ?? ""}${stderr ?? ""}` };
}

/** Ends the script with a sentence for the user. */
export function giveUp(message) {
  console.error(message);
  process.exit(1);
}
