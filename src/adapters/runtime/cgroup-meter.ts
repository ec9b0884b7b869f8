import { now } from "#base";
import type { Meter, Usage } from "#container";
import { type CgroupLayout, type KernelPort, readCgroupLayout } from "#linux";
import type { ControlGroups } from "./control-groups.ts";
import { machineFiles, readMachineUse } from "./machine-use.ts";
import { firstFiles, readFirst } from "./usage-of-first.ts";
import { readSecond, secondFiles } from "./usage-of-second.ts";

/** How many containers are read in one call of a kernel worker, so that none waits long behind it. */
const atOnce = 50;

/** Reads the files of control groups, of either version. */
export class CgroupMeter implements Meter {
  readonly #kernel: KernelPort;
  readonly #groups: Pick<ControlGroups, "path">;
  readonly #layout: CgroupLayout = readCgroupLayout();

  constructor(kernel: KernelPort, groups: Pick<ControlGroups, "path">) {
    this.#kernel = kernel;
    this.#groups = groups;
  }

  async read(ids: readonly string[]): Promise<ReadonlyMap<string, Usage>> {
    const found = new Map<string, Usage>();
    for (let first = 0; first < ids.length; first += atOnce) {
      for (const [id, usage] of await this.#readSome(ids.slice(first, first + atOnce))) found.set(id, usage);
    }
    return found;
  }

  async #readSome(ids: readonly string[]): Promise<readonly (readonly [string, Usage])[]> {
    const { files, read } = this.#layout.version === 1 ? { files: firstFiles, read: readFirst } : { files: secondFiles, read: readSecond };
    const roots = files.map(({ controller }) => this.#layout.hierarchies[controller]);
    const paths = ids.flatMap((id) => {
      const group = this.#groups.path(id);
      return files.map(({ name }, index) => (roots[index] === undefined ? "" : `${roots[index]}${group}/${name}`));
    });
    const texts = await this.#kernel.run("readCgroupFiles", [...machineFiles, ...paths]);
    const machine = readMachineUse(texts.slice(0, machineFiles.length));
    const at = now();
    return ids.flatMap((id, index) => {
      const begin = machineFiles.length + index * files.length;
      const own = texts.slice(begin, begin + files.length);
      const usage = own.every((text) => text === undefined) ? undefined : read(own, machine);
      return usage === undefined ? [] : [[id, { at, ...usage }] as const];
    });
  }
}
