import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command, Invocation } from "../command.ts";
import { text } from "../flag.ts";
import { ExitError } from "../usage-error.ts";
import { groupName, removeGroup, runTool } from "./docker-group.ts";
import { chooseRoot, runsSystemd } from "./install.ts";
import { settingsPath, unitNames } from "./pieces.ts";
import { isThere } from "./place-piece.ts";
import { readRecord, removeRecord } from "./record.ts";
import { tellPieces } from "./tell-pieces.ts";

/** Where settings that somebody wrote are kept: the data root is all that is left. */
const keptSettings = "/var/lib/gantry/daemon.json";

/** Takes away what `system install` made. Containers run on, and their data stay. */
export const uninstallCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Take away what system install made; containers and data stay",
  args: { min: 0, max: 0 },
  flags: [text("root", "Uninstall below this folder", { valueName: "folder" })],
  run: uninstall,
};

async function uninstall({ flags, stdout }: Invocation): Promise<number> {
  const root = chooseRoot(flags.text("root"), "uninstall");
  const say = (line: string): void => stdout.print(`${line}\n`);
  const record = readRecord(root);
  if (record === undefined) throw new ExitError(1, "gantry is not installed here, or by a package");
  const managed = root === "/" && runsSystemd();
  if (managed) {
    runTool(["systemctl", "disable", "--now", ...unitNames]);
    say(`stopped ${unitNames.join(" ")}; containers run on`);
  }
  const paths = record.paths.filter((path) => isThere(join(root, path)));
  if (paths.includes(settingsPath) && keepSettings(root)) say(`moved ${settingsPath} to ${keptSettings}`);
  const removed = paths.filter((path) => isThere(join(root, path)));
  for (const path of removed) rmSync(join(root, path));
  for (const line of tellPieces(removed.map((path) => ({ outcome: "removed", path })))) say(line);
  if (record.group) say(removeGroup(root) ? `removed group ${groupName}` : `kept group ${groupName}: it has members`);
  removeRecord(root, record);
  if (managed) runTool(["systemctl", "daemon-reload"]);
  return 0;
}

/** True when they say something. */
function keepSettings(root: string): boolean {
  const path = join(root, settingsPath);
  if (readFileSync(path, "utf8").trim() === "{}") return false;
  mkdirSync(dirname(join(root, keptSettings)), { recursive: true, mode: 0o710 });
  renameSync(path, join(root, keptSettings));
  return true;
}
