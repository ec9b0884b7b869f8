import { formatReference } from "#image";
import type { Command, Invocation } from "../command.ts";
import { targetOf } from "./fetch.ts";
import { ManifestLists } from "./store.ts";

export const manifestRmCommand: Command = {
  synopsis: "MANIFEST_LIST [MANIFEST_LIST...]",
  summary: "Delete one or more manifest lists from local storage",
  args: { min: 1 },
  flags: [],
  run: async ({ args, config, stderr }: Invocation) => {
    const lists = new ManifestLists(config.folder);
    let missing = 0;
    for (const name of args.map((arg) => formatReference(targetOf(arg)))) {
      if (lists.list(name) === undefined) {
        stderr.print(`No such manifest: ${name}\n`);
        missing += 1;
      } else lists.remove(name);
    }
    return await Promise.resolve(missing === 0 ? 0 : 1);
  },
};
