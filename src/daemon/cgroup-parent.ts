import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fault, type Place } from "#base";
import { cgroupFolders, readCgroupLayout } from "#linux";

/**
 * Writes down where this daemon's control groups are. A daemon that was told another place would not find the containers that run.
 * @throws conflict while there are any
 */
export function claimCgroupParent({ runRoot, cgroupParent }: Pick<Place, "runRoot" | "cgroupParent">, usual: string): void {
  const note = `${runRoot}/cgroup-parent`;
  const before = existsSync(note) ? readFileSync(note, "utf8").trim() : usual;
  if (before !== cgroupParent && holdsContainers(before))
    throw fault("conflict", `cgroup-parent: containers run below ${before}; stop them before it becomes ${cgroupParent}`);
  if (cgroupParent !== usual || existsSync(note)) writeFileSync(note, `${cgroupParent}\n`, { mode: 0o600 });
}

/** The monitor's group tells of a container that has its own elsewhere. */
function holdsContainers(parent: string): boolean {
  const layout = readCgroupLayout();
  return [`${parent}/c`, `${parent}/m`]
    .flatMap((path) => cgroupFolders(layout, path))
    .some((folder) => existsSync(folder) && readdirSync(folder, { withFileTypes: true }).some((entry) => entry.isDirectory()));
}
