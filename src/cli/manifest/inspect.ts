import { formatReference } from "#image";
import type { Command, Invocation } from "../command.ts";
import { bool } from "../flag.ts";
import { fetchManifest, fetchMembers, targetOf } from "./fetch.ts";
import { insecureFlag, warnOfInsecure } from "./insecure-flag.ts";
import { indexText, type ListedManifest } from "./listed-manifest.ts";
import { ManifestLists } from "./store.ts";

export const manifestInspectCommand: Command = {
  synopsis: "[OPTIONS] [MANIFEST_LIST] MANIFEST",
  summary: "Display an image manifest, or manifest list",
  args: { min: 1, max: 2 },
  flags: [insecureFlag, bool("verbose", "Output additional info including layers and platform", { short: "v" })],
  run: inspect,
};

async function inspect(invocation: Invocation): Promise<number> {
  const { args, flags, config, stdout } = invocation;
  const verbose = flags.bool("verbose");
  const lists = new ManifestLists(config.folder);
  const [first = "", second] = args;
  const reference = targetOf(second ?? first);
  const kept = second === undefined ? undefined : lists.get(formatReference(targetOf(first)), formatReference(reference));
  const list = second === undefined ? lists.list(formatReference(reference)) : undefined;
  if (kept !== undefined || list !== undefined) {
    stdout.print(kept === undefined ? listText(list ?? [], verbose) : manifestText(kept, verbose));
    return 0;
  }
  await warnOfInsecure(reference, invocation);
  const fetched = await fetchManifest(reference, invocation);
  if (fetched.kind === "manifest") stdout.print(manifestText(fetched.manifest, verbose));
  else if (verbose) stdout.print(listText(await fetchMembers(fetched, invocation), true));
  else stdout.print(`${indexText(fetched.manifests.map((Descriptor) => ({ Descriptor })))}\n`);
  return 0;
}

function listText(manifests: readonly ListedManifest[], verbose: boolean): string {
  return verbose ? `${JSON.stringify(manifests, undefined, "\t")}\n` : `${indexText(manifests)}\n`;
}

function manifestText(manifest: ListedManifest, verbose: boolean): string {
  return `${JSON.stringify(verbose ? manifest : (manifest.OCIManifest ?? manifest.SchemaV2Manifest), undefined, "\t")}\n`;
}
