// Numbers of users and groups as a user namespace shows them, and as the host has them (user_namespaces(7)).

export interface IdRange {
  readonly containerId: number;
  readonly hostId: number;
  readonly size: number;
}

/** Whose numbers stand for whose. */
export interface UserMapping {
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Linux's last number but one: -1 means "nobody asked", and this one the engine needs for itself. */
export const lastId = 4_294_967_294;
/** Linux takes 340 lines (4.15), in one write of less than a page; one line is the engine's own. */
const maxRanges = 339;
const maxText = 4000;

/** What the host calls an id of the namespace; undefined for one that has no number there. */
export function toHostId(ranges: readonly IdRange[], id: number): number | undefined {
  const range = ranges.find(({ containerId, size }) => id >= containerId && id < containerId + size);
  return range && range.hostId + (id - range.containerId);
}

/** What the namespace calls an id of the host. */
export function toContainerId(ranges: readonly IdRange[], id: number): number | undefined {
  const range = ranges.find(({ hostId, size }) => id >= hostId && id < hostId + size);
  return range && range.containerId + (id - range.hostId);
}

/** The host's numbers of the namespace's root. */
export function mappedRoot({ uids, gids }: UserMapping): Owner {
  return { uid: toHostId(uids, 0) ?? lastId, gid: toHostId(gids, 0) ?? lastId };
}

/** As /proc/PID/uid_map has it. */
export function formatIdMap(ranges: readonly IdRange[]): string {
  return ranges.map(({ containerId, hostId, size }) => `${containerId} ${hostId} ${size}\n`).join("");
}

/** Reads /proc/PID/uid_map. */
export function parseIdMap(text: string): readonly IdRange[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter((numbers) => numbers.length === 3)
    .map(([containerId = 0, hostId = 0, size = 0]) => ({ containerId, hostId, size }));
}

/** @throws Error for a map that the kernel would refuse, or that gives away the host's root (row F12) */
export function checkIdRanges(what: string, ranges: readonly IdRange[]): void {
  const refuse = (reason: string): Error => new Error(`${what}: ${reason}`);
  if (ranges.length > maxRanges) throw refuse(`${ranges.length} ranges are more than the kernel takes, ${maxRanges}`);
  for (const { containerId, hostId, size } of ranges) {
    const shown = `${containerId}:${hostId}:${size}`;
    if (![containerId, hostId, size].every((number) => Number.isSafeInteger(number) && number >= 0) || size === 0)
      throw refuse(`${shown} is no range of ids`);
    if (containerId + size > lastId || hostId + size > lastId) throw refuse(`${shown} goes beyond the last id, ${lastId - 1}`);
    if (hostId === 0) throw refuse(`${shown} holds the host's root`);
  }
  refuseOverlap(ranges, "containerId", refuse);
  refuseOverlap(ranges, "hostId", refuse);
  if (toHostId(ranges, 0) === undefined) throw refuse("a container's root, 0, is not mapped");
  if (formatIdMap(ranges).length > maxText) throw refuse("the ranges do not fit into a page");
}

function refuseOverlap(ranges: readonly IdRange[], side: "containerId" | "hostId", refuse: (reason: string) => Error): void {
  const sorted = ranges.toSorted((a, b) => a[side] - b[side]);
  for (const [index, { [side]: start }] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before !== undefined && before[side] + before.size > start)
      throw refuse(`two ranges hold ${side === "hostId" ? "the host's" : "the container's"} id ${start}`);
  }
}
