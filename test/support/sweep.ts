// Removes everything that a test's daemon may have left in the kernel, known by its token.
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { run } from "./command.ts";
import { endMarkedProcesses } from "./processes.ts";
import { removePlace, type TestPlace } from "./test-place.ts";

/** Ends processes, then takes away mounts, bridge, nft tables, cgroups and folders. */
export async function sweep(place: TestPlace): Promise<void> {
  for (const path of markedCgroups(place.token)) thaw(path);
  await endMarkedProcesses(place.token);
  for (const point of mountPoints("self").filter((path) => path.includes(place.token))) await run(["umount", "--lazy", point]);
  if (existsSync(`/sys/class/net/${place.bridge}`)) await run(["ip", "link", "delete", place.bridge]);
  for (const table of await markedTables(place.token)) await run(["nft", "delete", "table", ...table]);
  for (const path of markedCgroups(place.token)) removeCgroup(path);
  removePlace(place);
}

/** Deepest first. `process` is a pid or "self". */
export function mountPoints(process: string): string[] {
  return readFileSync(`/proc/${process}/mountinfo`, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replaceAll("\\040", " "))
    .toReversed();
}

async function markedTables(token: string): Promise<string[][]> {
  const { stdout } = await run(["nft", "list", "tables"]);
  return stdout
    .split("\n")
    .filter((line) => line.includes(token))
    .map((line) => line.split(" ").slice(1, 3));
}

/** In every hierarchy, deepest first. */
export function markedCgroups(token: string): string[] {
  const found: string[] = [];
  const walk = (folder: string, depth: number): void => {
    for (const entry of foldersIn(folder)) {
      const path = `${folder}/${entry}`;
      if (depth < 6) walk(path, depth + 1);
      if (path.includes(token)) found.push(path);
    }
  };
  walk("/sys/fs/cgroup", 0);
  return found;
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** What is frozen in version 1 does not die. */
function thaw(path: string): void {
  if (existsSync(`${path}/freezer.state`)) writeFileSync(`${path}/freezer.state`, "THAWED");
}

function removeCgroup(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
