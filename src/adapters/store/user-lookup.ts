// Docker's reading of `user[:group]` against the passwd and group files of a root. Numbers are never names, so a line
// "1000:x:0:0" makes nobody root.
import { fault } from "#base";
import type { UserLookup } from "#container";

/** The bytes of the two files; absent when the root has none. */
export interface AccountFiles {
  readonly passwd?: Uint8Array;
  readonly group?: Uint8Array;
}

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const maxId = 2 ** 31 - 1;
const rangeMessage = `uids and gids must be in range 0-${maxId}`;

/**
 * The identity that a process gets. An empty user is uid 0. `additionalGids` begins with the primary group, since a kernel that
 * checks a file's group looks there too (row A19), then the groups that name the user, then `groupAdd`. @throws invalid, Docker's text
 */
export async function lookUpUser(files: AccountFiles, spec: string, groupAdd: readonly string[]): Promise<UserLookup> {
  const [userText = "", groupText = ""] = spec.split(":");
  const entry = await findUser(files.passwd, userText);
  if (entry === undefined && userText !== "" && numberOf(userText) === undefined) {
    throw fault("invalid", `unable to find user ${userText}: no matching entries in passwd file`);
  }
  const uid = inRange(entry?.uid ?? numberOf(userText) ?? 0);
  const implied = entry !== undefined && groupText === "" ? await groupsOfMember(files.group, entry.name) : [];
  const gid = groupText === "" ? inRange(entry?.gid ?? 0) : await findGroup(files.group, groupText);
  const added = await additionalGroups(files.group, groupAdd);
  return { uid, gid, additionalGids: [gid, ...implied, ...added], home: entry === undefined || entry.home === "" ? "/" : entry.home };
}

async function findUser(passwd: Uint8Array | undefined, text: string): Promise<PasswdEntry | undefined> {
  const uid = text === "" ? 0 : numberOf(text);
  for await (const entry of passwdEntries(passwd)) {
    if (uid === undefined ? entry.name === text : entry.uid === uid) return entry;
  }
  return undefined;
}

async function findGroup(group: Uint8Array | undefined, text: string): Promise<number> {
  const gid = numberOf(text);
  if (gid !== undefined) return inRange(gid);
  for await (const entry of groupEntries(group)) {
    if (entry.name === text) return inRange(entry.gid);
  }
  throw fault("invalid", `unable to find group ${text}: no matching entries in group file`);
}

async function groupsOfMember(group: Uint8Array | undefined, user: string): Promise<readonly number[]> {
  const gids: number[] = [];
  for await (const entry of groupEntries(group)) {
    if (entry.members.includes(user)) gids.push(inRange(entry.gid));
  }
  return gids;
}

async function additionalGroups(group: Uint8Array | undefined, wanted: readonly string[]): Promise<readonly number[]> {
  const gids = new Set<number>();
  for (const text of wanted) {
    const gid = numberOf(text) ?? (await gidOfName(group, text));
    if (gid === undefined) throw fault("invalid", `unable to find group ${text}: no matching entries in group file`);
    gids.add(inRange(gid));
  }
  return [...gids];
}

async function gidOfName(group: Uint8Array | undefined, name: string): Promise<number | undefined> {
  for await (const entry of groupEntries(group)) {
    if (entry.name === name) return entry.gid;
  }
  return undefined;
}

/** Go's Atoi: a sign and decimal digits, nothing else. */
function numberOf(text: string): number | undefined {
  return /^[+-]?[0-9]+$/.test(text) ? Number(text) : undefined;
}

function inRange(id: number): number {
  if (id < 0 || id > maxId) throw fault("invalid", rangeMessage);
  // Not "-0".
  return id === 0 ? 0 : id;
}

/** passwd(5). A line whose ids are no numbers is no entry: read as 0 they would be root's. */
async function* passwdEntries(file: Uint8Array | undefined): AsyncIterable<PasswdEntry> {
  for await (const line of linesOf(file)) {
    const [name = "", , uidText = "", gidText = "", , home = ""] = line.split(":");
    const uid = numberOf(uidText);
    const gid = numberOf(gidText);
    if (name !== "" && uid !== undefined && gid !== undefined) yield { name, uid, gid, home };
  }
}

/** group(5) */
async function* groupEntries(file: Uint8Array | undefined): AsyncIterable<GroupEntry> {
  for await (const line of linesOf(file)) {
    const [name = "", , gidText = "", memberText = ""] = line.split(":");
    const gid = numberOf(gidText);
    if (name !== "" && gid !== undefined) yield { name, gid, members: memberText.split(",") };
  }
}

const chunkBytes = 256 * 1024;

/** Files may have 10 MiB; the daemon's loop gets its turn between chunks. */
async function* linesOf(file: Uint8Array | undefined): AsyncIterable<string> {
  if (file === undefined) return;
  const decoder = new TextDecoder();
  let rest = "";
  for (let offset = 0; offset < file.length; offset += chunkBytes) {
    if (offset > 0) await new Promise((resolve) => setImmediate(resolve));
    const lines = (rest + decoder.decode(file.subarray(offset, offset + chunkBytes), { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.trim();
  }
  yield rest.trim();
}
