import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fault, shortId } from "#base";
import { cgroupFolders, type CgroupLayout, type KernelPort, monitorFolders, readCgroupLayout } from "#linux";
import type { MonitorPlaces } from "./places.ts";

const SIGKILL = 9;

/** Milliseconds that a monitor gets to write the exit of a killed container. */
const monitorPatience = 3000;

/** The file in a monitor's folder that says where its container's group is, if that is not the usual place. */
const note = "cgroup";

/**
 * The control groups of one daemon's containers (`c/ID`, or wherever a container asked to be) and of their monitors (`m/ID`, an exec's below
 * its container's).
 */
export class ControlGroups {
  readonly #kernel: KernelPort;
  readonly #parent: string;
  readonly #places: MonitorPlaces;
  readonly #layout: CgroupLayout = readCgroupLayout();
  /** Paths of the groups that are not in the usual place. */
  readonly #elsewhere: Map<string, string>;

  constructor(kernel: KernelPort, parent: string, places: MonitorPlaces) {
    this.#kernel = kernel;
    this.#parent = parent;
    this.#places = places;
    this.#elsewhere = notedPaths(places.monitors);
  }

  /** Of a container's group, below the root of each hierarchy. */
  path(id: string): string {
    return this.#elsewhere.get(id) ?? `${this.#parent}/c/${id}`;
  }

  /** Must be known, and written down for the next daemon, before a runtime makes the group. */
  async settle(id: string, path: string): Promise<void> {
    this.#elsewhere.delete(id);
    if (path === this.path(id)) return;
    this.#elsewhere.set(id, path);
    await this.#kernel.run("writeMonitorFile", `${this.#places.container(id).folder}/${note}`, path);
  }

  /** The monitor's folder is gone, and what was noted there. */
  forget(id: string): void {
    this.#elsewhere.delete(id);
  }

  /** The folders that a monitor has to be in. */
  monitorFolders(id: string, execId?: string): readonly string[] {
    const own = `${this.#parent}/m/${id}`;
    return monitorFolders(this.#layout, execId === undefined ? own : `${own}/${shortId(execId)}`);
  }

  /** Pids of the monitors of a container, its own first. */
  async monitors(id: string): Promise<readonly number[]> {
    const [folder] = this.monitorFolders(id);
    return folder === undefined ? [] : this.#kernel.run("cgroupProcesses", folder);
  }

  /** First digits of the ids of execs that have a monitor's group. */
  async execs(id: string): Promise<readonly string[]> {
    const [folder] = this.monitorFolders(id);
    return folder === undefined ? [] : this.#kernel.run("cgroupsBelow", folder);
  }

  async signal(id: string, number: number): Promise<void> {
    const folder = this.#containerFolder(id);
    if (folder !== undefined) await this.#kernel.run("signalCgroup", folder, number, this.#freezerFolder(id));
  }

  /** Freezes the container's processes. @throws internal when some do not stand still: then none is frozen */
  async freeze(id: string): Promise<void> {
    const folder = this.#freezerFolder(id);
    if (folder === undefined) throw fault("unavailable", "no freezer is mounted among the control groups");
    const result = await this.#kernel.run("freezeCgroup", folder);
    if (result === "gone") throw fault("not-found", "it has no control group");
    if (result === "restless") throw fault("internal", "some of its processes did not stand still within a second");
  }

  async thaw(id: string): Promise<void> {
    const folder = this.#freezerFolder(id);
    if (folder !== undefined) await this.#kernel.run("thawCgroup", folder);
  }

  async isFrozen(id: string): Promise<boolean> {
    const folder = this.#freezerFolder(id);
    return folder !== undefined && (await this.#kernel.run("isCgroupFrozen", folder));
  }

  /** Takes a limit away. */
  async lift(id: string, limit: "pids" | "cpu"): Promise<void> {
    const { version, hierarchies } = this.#layout;
    const root = version === 2 ? hierarchies[""] : hierarchies[limit];
    const [name, unlimited] = limit === "pids" ? ["pids.max", "max"] : version === 2 ? ["cpu.max", "max"] : ["cpu.cfs_quota_us", "-1"];
    if (root !== undefined) await this.#kernel.run("writeCgroupFile", `${root}${this.path(id)}/${name}`, unlimited);
  }

  async processes(id: string): Promise<readonly number[]> {
    const folder = this.#containerFolder(id);
    return folder === undefined ? [] : this.#kernel.run("cgroupProcesses", folder);
  }

  /** Lets monitors of a dead container write its exit, and ends those that do not. */
  async endMonitors(id: string): Promise<void> {
    const [folder] = this.monitorFolders(id);
    if (folder === undefined) return;
    await this.#kernel.run("waitForEmptyCgroup", folder, monitorPatience);
    await this.#kernel.run("signalCgroup", folder, SIGKILL);
  }

  /** Whether the kernel killed a process of the container for memory. */
  async oomKilled(id: string): Promise<boolean> {
    const root = this.#layout.hierarchies["memory"] ?? this.#layout.hierarchies[""];
    return root !== undefined && (await this.#kernel.run("oomKills", `${root}${this.path(id)}`)) > 0;
  }

  /** Ids that have any group in any hierarchy: a removal that was cut off leaves some of them. */
  async list(): Promise<readonly string[]> {
    const folders = [...cgroupFolders(this.#layout, `${this.#parent}/c`), ...monitorFolders(this.#layout, `${this.#parent}/m`)];
    return [...new Set((await Promise.all(folders.map((folder) => this.#kernel.run("cgroupsBelow", folder)))).flat())];
  }

  /** Removes both groups; nothing may run in them. */
  async remove(id: string): Promise<void> {
    const container = cgroupFolders(this.#layout, this.path(id));
    await this.#kernel.run("removeCgroups", [...container, ...this.monitorFolders(id)]);
  }

  /** Ends an exec's monitor where it still lives, and removes its groups. */
  async removeExec(id: string, execId: string): Promise<void> {
    const folders = this.monitorFolders(id, execId);
    if (folders[0] !== undefined) await this.#kernel.run("signalCgroup", folders[0], SIGKILL);
    await this.#kernel.run("removeCgroups", folders);
  }

  /** The folder that names the container's processes: that of pids where it is, since every runtime joins it. */
  #containerFolder(id: string): string | undefined {
    const { hierarchies } = this.#layout;
    const root = hierarchies["pids"] ?? hierarchies["memory"] ?? hierarchies[""];
    return root === undefined ? undefined : `${root}${this.path(id)}`;
  }

  #freezerFolder(id: string): string | undefined {
    const root = this.#layout.hierarchies["freezer"] ?? this.#layout.hierarchies[""];
    return root === undefined ? undefined : `${root}${this.path(id)}`;
  }
}

/** What earlier daemons noted. A note ends with the container's id. */
function notedPaths(monitors: string): Map<string, string> {
  const noted = readdirSync(monitors).flatMap((name) => {
    const file = `${monitors}/${name}/${note}`;
    return existsSync(file) ? [readFileSync(file, "utf8")] : [];
  });
  return new Map(noted.map((path) => [path.slice(path.lastIndexOf("/") + 1), path]));
}
