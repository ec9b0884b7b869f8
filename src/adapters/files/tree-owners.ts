// Whose a file is in a tree: of a live container the number that its user namespace has for the host's, of any other what lies on the disk.
import { readFileSync } from "node:fs";
import { fault, type IdRange, type Owner, parseIdMap, toContainerId, toHostId } from "#base";
import { hasCode, type TreeName } from "#linux";

export interface TreeOwners {
  /** As an archive has it. */
  shown(owner: Owner): Owner;
  /** As the kernel is told. @throws invalid, Docker's words, for an id that the container does not have */
  kept(owner: Owner): Owner;
}

/** What the kernel shows of an id that has no number (/proc/sys/kernel/overflowuid). */
const nobody = 65_534;

export const plainOwners: TreeOwners = { shown: (owner) => owner, kept: (owner) => owner };

/** Asked before the tree is opened, which checks that the process is the container's. */
export function ownersOf(tree: TreeName): TreeOwners {
  if (!("pid" in tree)) return plainOwners;
  const [uids, gids] = [readMap(tree.pid, "uid"), readMap(tree.pid, "gid")];
  if (isPlain(uids) && isPlain(gids)) return plainOwners;
  return {
    shown: ({ uid, gid }) => ({ uid: toContainerId(uids, uid) ?? nobody, gid: toContainerId(gids, gid) ?? nobody }),
    kept: ({ uid, gid }) => ({ uid: hostIdOf(uids, uid), gid: hostIdOf(gids, gid) }),
  };
}

/** None of a process that has ended. */
function readMap(pid: number, kind: "uid" | "gid"): readonly IdRange[] {
  try {
    return parseIdMap(readFileSync(`/proc/${pid}/${kind}_map`, "latin1"));
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) return [];
    throw error;
  }
}

function isPlain(ranges: readonly IdRange[]): boolean {
  return ranges.every(({ containerId, hostId }) => containerId === hostId);
}

function hostIdOf(ranges: readonly IdRange[], id: number): number {
  const found = toHostId(ranges, id);
  if (found === undefined) throw fault("invalid", `Container ID ${id} cannot be mapped to a host ID`);
  return found;
}
