import { readFileSync } from "node:fs";

/** Where this machine mounts control groups (cgroups(7)). */
export interface CgroupLayout {
  readonly version: 1 | 2;
  /** Version 2: the one hierarchy. Version 1: one a controller, by the controller's name ("memory", "name=systemd"). */
  readonly hierarchies: Readonly<Record<string, string>>;
  /** Version 1 with an empty version 2 beside it. */
  readonly unified?: string;
}

/** Reads /proc/self/mounts. @throws Error when no control groups are mounted */
export function readCgroupLayout(): CgroupLayout {
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "));
  const unified = mounts.find((fields) => fields[2] === "cgroup2")?.[1];
  const controllers = mounts.filter((fields) => fields[2] === "cgroup");
  if (controllers.length === 0) {
    if (unified === undefined) throw new Error("no control groups are mounted: neither cgroup nor cgroup2 in /proc/self/mounts");
    return { version: 2, hierarchies: { "": unified } };
  }
  const hierarchies = Object.fromEntries(
    controllers.flatMap(([, path = "", , options = ""]) => controllersOf(options).map((controller) => [controller, path])),
  );
  return { version: 1, hierarchies, ...(unified !== undefined && { unified }) };
}

/** The folders of one group in every hierarchy. */
export function cgroupFolders(layout: CgroupLayout, path: string): readonly string[] {
  const roots = [...Object.values(layout.hierarchies), ...(layout.unified === undefined ? [] : [layout.unified])];
  return [...new Set(roots)].map((root) => `${root}${path}`);
}

/** The folders in which a monitor's group is made: one that names its processes, and the ones that systemd goes by. */
export function monitorFolders(layout: CgroupLayout, path: string): readonly string[] {
  if (layout.version === 2) return cgroupFolders(layout, path);
  const main = layout.hierarchies["name=systemd"] ?? layout.hierarchies["pids"] ?? layout.hierarchies["freezer"];
  return [main, layout.unified].filter((root) => root !== undefined).map((root) => `${root}${path}`);
}

const flags = /^(rw|ro|nosuid|nodev|noexec|(no|rel|strict)atime|seclabel|xattr|clone_children|release_agent=.*)$/;

function controllersOf(options: string): readonly string[] {
  return options.split(",").filter((option) => !flags.test(option));
}
