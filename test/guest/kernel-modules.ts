import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Paths of the modules below `folder` (lib/modules/VERSION) in the order in which they can be inserted, with all they depend on. */
export function modulesInOrder(folder: string, names: readonly string[]): string[] {
  const dependencies = new Map(
    readFileSync(join(folder, "modules.dep"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line): [string, string[]] => {
        const [path = "", needed = ""] = line.split(":");
        return [path, needed.split(" ").filter((other) => other !== "")];
      }),
  );
  const order: string[] = [];
  const add = (path: string): void => {
    if (order.includes(path)) return;
    for (const needed of (dependencies.get(path) ?? []).toReversed()) add(needed);
    order.push(path);
  };
  for (const name of names) {
    const path = [...dependencies.keys()].find((candidate) => candidate.endsWith(`/${name}.ko`));
    // Not a module: built into this kernel.
    if (path !== undefined) add(path);
  }
  return order;
}
