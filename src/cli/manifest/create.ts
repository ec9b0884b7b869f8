import { messageOf } from "#base";
import { formatReference, type Reference } from "#image";
import type { Command, Invocation } from "../command.ts";
import { bool } from "../flag.ts";
import { fetchManifest, targetOf } from "./fetch.ts";
import { insecureFlag, warnOfInsecure } from "./insecure-flag.ts";
import { ManifestLists } from "./store.ts";

export const manifestCreateCommand: Command = {
  synopsis: "MANIFEST_LIST MANIFEST [MANIFEST...]",
  summary: "Create a local manifest list for annotating and pushing to a registry",
  args: { min: 2 },
  flags: [bool("amend", "Amend an existing manifest list", { short: "a" }), insecureFlag],
  run: create,
};

async function create(invocation: Invocation): Promise<number> {
  const { args, flags, config, stdout } = invocation;
  const [name = "", ...members] = args;
  const list = formatReference(parseTarget(name));
  const lists = new ManifestLists(config.folder);
  if (lists.list(list) !== undefined && !flags.bool("amend"))
    throw new Error("refusing to amend an existing manifest list with no --amend flag");
  for (const member of members) {
    const reference = targetOf(member);
    await warnOfInsecure(reference, invocation);
    const fetched = await fetchManifest(reference, invocation);
    if (fetched.kind === "index") throw new Error(`${formatReference(reference)} is a manifest list`);
    lists.save(list, fetched.manifest);
  }
  stdout.print(`Created manifest list ${list}\n`);
  return 0;
}

function parseTarget(name: string): Reference {
  try {
    return targetOf(name);
  } catch (error) {
    throw new Error(`error parsing name for manifest list ${name}: ${messageOf(error)}`, { cause: error });
  }
}
