// Which ids of the host the users of containers become (`userns-remap`): those that subuid(5) and subgid(5) give to a user and a group, or
// ranges as they are said. Names are looked for in the files, so a test has files of its own.
import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkIdRanges, fault, type IdRange, messageOf, type UserMapping } from "#base";
import { hasCode } from "#linux";

/** Docker's name for the user whose ranges "default" stands for. */
const usualUser = "dockremap";
/** What useradd(8) begins with, and gives to each. */
const firstId = 100_000;
const usualSize = 65_536;

/** One range or several as the kernel writes them, "container:host:size", for ids that nobody's name stands for. */
const saidRanges = /^\d+:\d+:\d+(,\d+:\d+:\d+)*$/;

/**
 * Undefined where users stay who they are: nothing was said, or root. "default" gives its user a range where it has none.
 * @throws invalid in Docker's words for a user or group that is none or has no ids; in ours for ranges that the kernel would refuse
 */
export function readUserMapping(text: string, folder = "/etc"): UserMapping | undefined {
  if (text === "") return undefined;
  const names = saidRanges.test(text) ? undefined : namesOf(text, folder);
  if (names?.user === "root") return undefined;
  if (names !== undefined && text === "default") for (const file of ["subuid", "subgid"]) giveRange(join(folder, file));
  const mapping =
    names === undefined
      ? { uids: readSaid(text), gids: readSaid(text) }
      : { uids: rangesOf(join(folder, "subuid"), "uid", names.user), gids: rangesOf(join(folder, "subgid"), "gid", names.group) };
  try {
    checkIdRanges("userns-remap: users", mapping.uids);
    checkIdRanges("userns-remap: groups", mapping.gids);
  } catch (error) {
    throw fault("invalid", messageOf(error), { cause: error });
  }
  return mapping;
}

function readSaid(text: string): readonly IdRange[] {
  return text.split(",").map((range) => {
    const [containerId = 0, hostId = 0, size = 0] = range.split(":").map(Number);
    return { containerId, hostId, size };
  });
}

interface Names {
  readonly user: string;
  readonly group: string;
}

function namesOf(text: string, folder: string): Names {
  const [user = "", group = user, ...more] = text.split(":");
  if (more.length > 0) throw fault("invalid", `Invalid user/group specification in --userns-remap: ${JSON.stringify(text)}`);
  if (text === "default") return { user: usualUser, group: usualUser };
  return { user: nameOf(join(folder, "passwd"), "uid", user), group: nameOf(join(folder, "group"), "gid", group) };
}

/** The name of a user or group that is said by its name or number. */
function nameOf(file: string, kind: "uid" | "gid", said: string): string {
  const isNumber = /^\d+$/.test(said);
  const found = linesOf(file).find(([name, , id]) => (isNumber ? id === said : name === said));
  if (found?.[0] !== undefined) return found[0];
  const missing = isNumber
    ? `${kind === "uid" ? "Uid" : "Gid"} ${said} has no entry in ${file}`
    : `Error during ${kind} lookup for ${JSON.stringify(said)}: no matching entries in ${file}`;
  throw fault("invalid", missing);
}

/** One behind the other, as Docker numbers them from 0 on. */
function rangesOf(file: string, kind: "uid" | "gid", name: string): readonly IdRange[] {
  let containerId = 0;
  const ranges: IdRange[] = [];
  for (const [owner, start, size] of linesOf(file)) {
    if (owner !== name) continue;
    ranges.push({ containerId, hostId: idOf(start), size: idOf(size) });
    containerId += idOf(size);
  }
  if (ranges.length === 0)
    throw fault("invalid", `no sub${kind} ranges found for ${kind === "uid" ? "user" : "group"} ${JSON.stringify(name)} in ${file}`);
  return ranges;
}

/** -1 for what is no number: no range has it. */
function idOf(text = ""): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : -1;
}

/** Writes a range down that nobody has, unless the user has one: whoever gives out ids next sees that they are taken. */
function giveRange(file: string): void {
  const lines = linesOf(file);
  if (lines.some(([name]) => name === usualUser)) return;
  const start = Math.max(firstId, ...lines.map(([, first, size]) => idOf(first) + idOf(size)));
  const fresh = `${file}.gantry`;
  writeFileSync(fresh, `${lines.map((fields) => `${fields.join(":")}\n`).join("")}${usualUser}:${start}:${usualSize}\n`, { mode: 0o644 });
  chmodSync(fresh, 0o644);
  renameSync(fresh, file);
}

function linesOf(file: string): readonly (readonly string[])[] {
  return textOf(file)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":"));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}
