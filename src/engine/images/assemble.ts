// From verified blobs to an image: the step that pull and load share. It reads manifest and config, unpacks each layer
// independently of its parents, and gives back what the catalog will keep.
import { type Digest, fault } from "#base";
import {
  type Descriptor,
  type ImageConfig,
  type ImageManifest,
  isConfigType,
  isPlainLayer,
  type LayerStore,
  maxConfigSize,
  maxManifestSize,
  parseConfig,
  parseManifest,
} from "#image";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";
import { isUsed } from "./sweep.ts";

/** A manifest whose config is here and whose layers may still be on their way. */
export interface OpenedManifest {
  readonly descriptor: Descriptor;
  readonly configDescriptor: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Reads the manifest of one platform. @throws invalid, also when it is no container image */
export async function openManifest({ content }: Pick<ImageNeeds, "content">, descriptor: Descriptor): Promise<OpenedManifest> {
  const document = parseManifest(await content.read(descriptor.digest, maxManifestSize), descriptor.mediaType);
  if (document.kind === "index") throw fault("invalid", `index ${descriptor.digest} lies inside an index`);
  if (!isConfigType(document.config.mediaType))
    throw fault("invalid", `artifact of type ${JSON.stringify(document.config.mediaType)} is not a container image`);
  // Before anybody fetches it.
  if (document.config.size > maxConfigSize) throw fault("invalid", `image config is larger than ${maxConfigSize} bytes`);
  return { descriptor, configDescriptor: document.config, layers: document.layers };
}

/** Reads the config of an opened manifest. @throws invalid when it does not fit the manifest */
export async function openConfig({ content }: Pick<ImageNeeds, "content">, manifest: OpenedManifest): Promise<ImageConfig> {
  const config = parseConfig(await content.read(manifest.configDescriptor.digest, maxConfigSize));
  const { diffIds } = config;
  if (diffIds.length !== manifest.layers.length)
    throw fault(
      "invalid",
      `mismatched image rootfs and manifest layers: ${config.diffIds.length} diff ids, ${manifest.layers.length} layers`,
    );
  for (const [index, { mediaType, digest }] of manifest.layers.entries())
    if (isPlainLayer(mediaType) && digest !== diffIds[index])
      throw fault("invalid", `layer ${digest} is not compressed, yet its diff id is ${diffIds[index]}`);
  return config;
}

/** Unpacks one layer, or finds it unpacked; whoever names it settles first, unless it is named already. Returns bytes of its files. */
export async function unpackLayer(
  needs: Pick<ImageNeeds, "catalog" | "content" | "layers" | "users">,
  layer: { readonly diffId: Digest; readonly blob: Descriptor },
  options: { readonly hold: Hold; readonly signal: AbortSignal },
): Promise<number> {
  await options.hold.take("layer", layer.diffId);
  const known = await sizeOfUnpacked(needs.layers, layer.diffId);
  if (known !== undefined) return known;
  const path = await needs.content.path(layer.blob.digest);
  const { diffId, blob } = layer;
  const isLasting = isUsed(needs, { kind: "layer", digest: diffId });
  const { size } = await needs.layers.unpack({ diffId, path, mediaType: blob.mediaType }, { signal: options.signal, isLasting });
  return size;
}

/** Bytes of a layer's files when it is there. */
export async function sizeOfUnpacked(layers: LayerStore, diffId: Digest): Promise<number | undefined> {
  if (!(await layers.has(diffId))) return undefined;
  return (await layers.list()).find((layer) => layer.diffId === diffId)?.size;
}

/** What the catalog keeps of a manifest whose layers are unpacked. */
export function describeManifest(manifest: OpenedManifest, config: ImageConfig, unpackedSize: number): ImageManifest {
  const { descriptor, configDescriptor, layers } = manifest;
  const { platform, created, author, runtime, diffIds, history } = config;
  return {
    descriptor: { ...descriptor, platform: descriptor.platform ?? platform },
    configDigest: configDescriptor.digest,
    platform,
    ...(created !== undefined && { created }),
    ...(author !== undefined && { author }),
    runtime,
    diffIds,
    history,
    layers,
    contentSize: descriptor.size + configDescriptor.size + layers.reduce((sum, { size }) => sum + size, 0),
    unpackedSize,
  };
}
