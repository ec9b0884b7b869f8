// publishIndex: an index that a client put together goes to a registry. What it names is brought into its repository first, the blobs taken
// from the repository where each manifest lies, so that nothing is ever named before it is there.
import { createHash } from "node:crypto";
import { type Digest, fault } from "#base";
import { formatReference, parseManifest, parseReference, type Reference, type RegistryCall, withDefaultTag } from "#image";
import type { ImageNeeds } from "./needs.ts";
import type { IndexRequest } from "./verbs.ts";

type PublishNeeds = Pick<ImageNeeds, "registry">;

interface Destination {
  readonly target: Reference;
  readonly call: RegistryCall;
}

/** Returns the digest of the index. @throws invalid, not-found, denied, unavailable */
export async function publishIndex({ registry }: PublishNeeds, name: string, { index, members, ...call }: IndexRequest): Promise<Digest> {
  const target = withDefaultTag(parseReference(name));
  const bytes = new TextEncoder().encode(index);
  const document = parseManifest(bytes);
  if (document.kind !== "index") throw fault("invalid", "what is to be published is no index");
  const sources = members.map(parseReference);
  for (const { digest } of document.manifests) {
    const source = sources.find((member) => member.digest === digest);
    if (source === undefined) throw fault("invalid", `nothing says where manifest ${digest} is`);
    if (source.domain !== target.domain)
      throw fault(
        "invalid",
        `cannot use source images from a different registry than the target image: ${source.domain} != ${target.domain}`,
      );
    await bring({ registry }, source, { target, call });
  }
  const descriptor = { mediaType: document.mediaType, digest: sha256(bytes), size: bytes.length };
  await registry.put(target, { descriptor, bytes }, call);
  return descriptor.digest;
}

/** Makes a manifest and its blobs part of the target's repository. */
async function bring({ registry }: PublishNeeds, source: Reference, { target, call }: Destination): Promise<void> {
  const manifest = await registry.manifest(source, call);
  const document = parseManifest(manifest.bytes, manifest.descriptor.mediaType);
  if (document.kind === "index") throw fault("invalid", `${formatReference(source)} is a manifest list`);
  for (const blob of [document.config, ...document.layers]) {
    if (await registry.has(target, blob.digest, call)) continue;
    await registry.send(target, blob, { ...call, from: source.path, open: () => registry.blob(source, blob, call) });
  }
  await registry.put({ domain: target.domain, path: target.path, digest: manifest.descriptor.digest }, manifest, call);
}

function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
