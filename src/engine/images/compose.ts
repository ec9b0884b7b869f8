// Images that are made here: a layer that somebody brings, alone or over the layers of an image, with a config of its own. Nothing is seen of
// one before all of it is in the stores.
import { createHash } from "node:crypto";
import { type Digest, fault, formatInstant, now } from "#base";
import {
  type Descriptor,
  encodeConfig,
  encodeManifest,
  formatFamiliar,
  formatReference,
  type Image,
  type ImageManifest,
  type ImageRuntimeConfig,
  mediaTypes,
  type Platform,
  type Reference,
} from "#image";
import { addLayer, type AddedLayer } from "./add-layer.ts";
import { announceImage } from "./announce.ts";
import { describeManifest, openConfig, openManifest } from "./assemble.ts";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";
import { isUsed, sweep } from "./sweep.ts";

/** What an image is made of. */
export interface Composition {
  /** The image below, as a container pins it. */
  readonly base?: { readonly id: Digest; readonly manifest: Digest };
  /** A tar, plain or as gzip; one that holds nothing adds no layer where there is an image below. */
  readonly layer: ReadableStream<Uint8Array>;
  readonly runtime: ImageRuntimeConfig;
  /** The base's when absent. */
  readonly platform?: Platform;
  readonly author: string;
  readonly comment: string;
  readonly createdBy: string;
  /** With a tag. */
  readonly name?: Reference;
  readonly event: "create" | "import";
}

export async function compose(needs: ImageNeeds, composition: Composition, signal: AbortSignal): Promise<Image> {
  await using hold = needs.holds.open((taken) => sweep(needs, taken));
  const base = composition.base === undefined ? undefined : await holdBase(needs, composition.base, hold);
  const added = await addLayer(needs, composition.layer, { hold, signal });
  if (added === undefined && base === undefined) throw fault("invalid", "the archive is empty: there is nothing to make an image of");
  const config = configOf(needs, composition, { base, added });
  const configBlob = await ingest(needs, config, { mediaType: mediaTypes.ociConfig, hold, signal });
  const layers = [...(base?.layers ?? []), ...(added === undefined ? [] : [added.blob])];
  const target = await ingest(needs, encodeManifest(configBlob, layers), { mediaType: mediaTypes.ociManifest, hold, signal });
  const opened = await openManifest(needs, target);
  const unpacked = (base?.unpackedSize ?? 0) + (added?.size ?? 0);
  const manifest = describeManifest(opened, await openConfig(needs, opened), unpacked);
  const { name } = composition;
  await needs.settler.settle();
  const image = await needs.catalog.put(target, [manifest], name === undefined ? [] : [formatReference(name)]);
  announce(needs, image, composition);
  return image;
}

/** Docker tells of an import when it has a name, and of a new image before. */
function announce({ announcer }: Pick<ImageNeeds, "announcer">, image: Image, { event, name }: Composition): void {
  const whole = { actorId: image.id, name: image.id, image };
  if (event === "create") announceImage(announcer, "create", whole);
  if (name !== undefined) announceImage(announcer, "tag", { actorId: image.id, name: formatFamiliar(name), image });
  if (event === "import") announceImage(announcer, "import", whole);
}

async function holdBase(
  { catalog }: Pick<ImageNeeds, "catalog">,
  { id, manifest }: NonNullable<Composition["base"]>,
  hold: Hold,
): Promise<ImageManifest> {
  const base = catalog.get(id)?.manifests.find(({ descriptor }) => descriptor.digest === manifest);
  if (base === undefined) throw fault("not-found", `No such image: ${id}`);
  for (const { digest } of base.layers) await hold.take("blob", digest);
  for (const diffId of base.diffIds) await hold.take("layer", diffId);
  return base;
}

function configOf(
  needs: Pick<ImageNeeds, "platform">,
  { platform, author, comment, createdBy, runtime }: Composition,
  { base, added }: { readonly base: ImageManifest | undefined; readonly added: AddedLayer | undefined },
): Uint8Array<ArrayBuffer> {
  const created = formatInstant(now());
  return encodeConfig({
    created,
    author,
    platform: platform ?? base?.platform ?? needs.platform,
    diffIds: [...(base?.diffIds ?? []), ...(added === undefined ? [] : [added.diffId])],
    history: [...(base?.history ?? []), { created, createdBy, author, comment, emptyLayer: added === undefined }],
    runtime,
  });
}

async function ingest(
  needs: Pick<ImageNeeds, "catalog" | "content" | "users">,
  bytes: Uint8Array<ArrayBuffer>,
  { mediaType, hold, signal }: { readonly mediaType: string; readonly hold: Hold; readonly signal: AbortSignal },
): Promise<Descriptor> {
  const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  await hold.take("blob", digest);
  const isLasting = isUsed(needs, { kind: "blob", digest });
  await needs.content.ingest({ digest, size: bytes.length }, new Blob([bytes]).stream(), { signal, isLasting });
  return { mediaType, digest, size: bytes.length };
}
