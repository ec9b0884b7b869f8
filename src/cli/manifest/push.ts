import { familiarName, formatReference, parseReference } from "#image";
import type { Command, Invocation } from "../command.ts";
import { bool } from "../flag.ts";
import { authForImage } from "../login/image-auth.ts";
import { targetOf } from "./fetch.ts";
import { insecureFlag, warnOfInsecure } from "./insecure-flag.ts";
import { indexText, type ListedManifest } from "./listed-manifest.ts";
import { ManifestLists } from "./store.ts";

export const manifestPushCommand: Command = {
  synopsis: "[OPTIONS] MANIFEST_LIST",
  summary: "Push a manifest list to a repository",
  args: { min: 1, max: 1 },
  flags: [insecureFlag, bool("purge", "Remove the local manifest list after push", { short: "p" })],
  run: push,
};

async function push(invocation: Invocation): Promise<number> {
  const { args, flags, config, client, stdout } = invocation;
  const target = targetOf(args[0] ?? "");
  const name = formatReference(target);
  const lists = new ManifestLists(config.folder);
  const manifests = lists.list(name);
  if (manifests === undefined) throw new Error(`No such manifest: ${name}`);
  for (const manifest of manifests) requirePlatform(manifest);
  await warnOfInsecure(target, invocation);
  const auth = await authForImage(name, invocation);
  const digest = await client.images.publishIndex(name, { index: indexText(manifests), members: manifests.map(memberName), auth });
  for (const { Descriptor } of manifests)
    stdout.print(`Pushed ref ${familiarName(target)}@${Descriptor.digest} with digest: ${Descriptor.digest}\n`);
  stdout.print(`${digest}\n`);
  if (flags.bool("purge")) lists.remove(name);
  return 0;
}

function requirePlatform({ Ref, Descriptor: { platform } }: ListedManifest): void {
  if (platform === undefined || platform.architecture === "" || platform.os === "")
    throw new Error(`manifest ${Ref} must have an OS and Architecture to be pushed to a registry`);
}

/** Where the manifest lies, whatever its tag says by now. */
function memberName({ Ref, Descriptor }: ListedManifest): string {
  const { domain, path } = parseReference(Ref);
  return `${domain}/${path}@${Descriptor.digest}`;
}
