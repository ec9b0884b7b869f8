import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ExitError } from "../usage-error.ts";

/** Whose members may use the socket. Docker's own packages use the same group. */
export const groupName = "docker";

/** "none": there is no file of groups below `root` that one could be put into. */
export type GroupPlaced = "made" | "kept" | "none";

/** Makes the group unless there is one. @throws ExitError with groupadd's own words */
export function placeGroup(root: string): GroupPlaced {
  if (!existsSync(join(root, "etc/group"))) return "none";
  if (members(root) !== undefined) return "kept";
  runTool(["groupadd", "--prefix", root, "--system", groupName]);
  return "made";
}

/** Takes the group away, unless somebody uses it by now. */
export function removeGroup(root: string): boolean {
  if (members(root) !== "") return false;
  runTool(["groupdel", "--prefix", root, groupName]);
  return true;
}

/** The last column of its line in group(5). */
function members(root: string): string | undefined {
  const lines = readFileSync(join(root, "etc/group"), "utf8").split("\n");
  return lines.find((line) => line.startsWith(`${groupName}:`))?.split(":")[3];
}

/** Runs a program of the machine's administration. @throws ExitError with its own words */
export function runTool(command: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([...command], { stdin: "ignore", stdout: "ignore" });
  if (exitCode !== 0) throw new ExitError(1, `${command.join(" ")}: ${stderr.toString().trim() || `exit code ${exitCode}`}`);
}
