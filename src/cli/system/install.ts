import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command, Invocation } from "../command.ts";
import { defaultSocket } from "../host.ts";
import { text } from "../flag.ts";
import { ExitError } from "../usage-error.ts";
import { groupName, placeGroup, runTool } from "./docker-group.ts";
import { piecesOf, recordPath, unitNames } from "./pieces.ts";
import { placePiece } from "./place-piece.ts";
import { missingFolders, readRecord, writeRecord } from "./record.ts";
import { tellPieces } from "./tell-pieces.ts";

/** Of a daemon that was told nothing else. */
const pidFile = join(dirname(defaultSocket), "gantryd.pid");

/** Makes this executable a service of the machine, or of the image below --root. */
export const installCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Install gantry as a service of this machine",
  args: { min: 0, max: 0 },
  flags: [text("root", "Install below this folder: a system image, or a test", { valueName: "folder" })],
  run: install,
};

async function install({ flags, stdout }: Invocation): Promise<number> {
  const root = chooseRoot(flags.text("root"), "install");
  const say = (line: string): void => stdout.print(`${line}\n`);
  if (!Bun.main.startsWith("/$bunfs/")) throw new ExitError(1, "only the built executable can be installed: bun run build");
  if (root === "/" && !process.execPath.startsWith("/usr/local/") && existsSync("/usr/bin/gantry"))
    throw new ExitError(1, "gantry is installed by a package already: /usr/bin/gantry");
  const pieces = piecesOf(process.execPath, { copied: root !== "/" });
  const before = readRecord(root);
  const folders = missingFolders(root, [...pieces.map(({ path }) => path), recordPath]);
  for (const line of tellPieces(pieces.map((piece) => ({ outcome: placePiece(root, piece), path: piece.path })))) say(line);
  const group = placeGroup(root);
  say(group === "none" ? `no group ${groupName}: there is no /etc/group` : `${group} group ${groupName}`);
  writeRecord(root, {
    paths: [...new Set([...(before?.paths ?? []), ...pieces.map(({ path }) => path)])],
    folders: [...new Set([...(before?.folders ?? []), ...folders])],
    group: group === "made" || before?.group === true,
  });
  if (root === "/" && runsSystemd()) enable(say);
  return 0;
}

/** @throws ExitError where only root may go on */
export function chooseRoot(flag: string, verb: string): string {
  if (flag !== "") return resolve(flag);
  if (process.getuid?.() !== 0) throw new ExitError(1, `gantry system ${verb} needs root`);
  return "/";
}

export function runsSystemd(): boolean {
  return existsSync("/run/systemd/system");
}

function enable(say: (line: string) => void): void {
  runTool(["systemctl", "daemon-reload"]);
  runTool(["systemctl", "enable", ...unitNames]);
  say(`enabled ${unitNames.join(" ")}`);
  // A daemon that was started by hand keeps its place: two would not share it.
  if (runsByHand()) {
    say(`a daemon runs already: end it, then run systemctl start ${unitNames.join(" ")}`);
    return;
  }
  // The socket stays through a new daemon: programs in containers may hold it as a file.
  runTool(["systemctl", "start", "gantry.socket"]);
  runTool(["systemctl", "restart", "gantry.service"]);
  say(`started ${unitNames.join(" ")}`);
}

function runsByHand(): boolean {
  if (Bun.spawnSync(["systemctl", "is-active", "--quiet", "gantry.service"]).exitCode === 0) return false;
  try {
    const pid = readFileSync(pidFile, "utf8").trim();
    return pid !== "" && existsSync(`/proc/${pid}`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
