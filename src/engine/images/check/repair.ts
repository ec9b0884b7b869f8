// Heals what observing has found, step by step; a step that fails keeps no other from being tried. A damaged blob goes before another is there,
// since nobody must be served its bytes; a damaged layer stays until what it is made of is here, since containers may live on the rest of it.
import { fault, messageOf } from "#base";
import { type Descriptor, isIndexType, isManifestType, parseReference } from "#image";
import { fetchFromOrigin } from "../bring-blobs.ts";
import type { ImageNeeds } from "../needs.ts";
import { sweep } from "../sweep.ts";
import type { RepairOutcome, RepairStep } from "./flaw.ts";
import { sourceOf, type Wanted, type WantedBlob } from "./observe.ts";

interface RepairOptions {
  readonly wanted: Wanted;
  readonly signal: AbortSignal;
}

export async function repair(needs: ImageNeeds, plan: readonly RepairStep[], options: RepairOptions): Promise<readonly RepairOutcome[]> {
  const outcomes: RepairOutcome[] = [];
  for (const step of plan) {
    options.signal.throwIfAborted();
    try {
      await take(needs, step, options);
      outcomes.push(step);
    } catch (error) {
      outcomes.push({ ...step, failure: messageOf(error) });
    }
  }
  return outcomes;
}

async function take(needs: ImageNeeds, { action, item }: RepairStep, { wanted, signal }: RepairOptions): Promise<void> {
  switch (action) {
    case "remove":
      return await sweep(needs, [item]);
    case "drop":
      return await needs.content.remove(item.digest);
    case "fetch": {
      const blob = wanted.blobs.get(item.digest);
      return blob === undefined ? undefined : await bring(needs, blob, signal);
    }
    case "unpack":
      return await unpackAgain(needs, item.digest, wanted);
    default:
      return action satisfies never;
  }
}

async function bring(needs: ImageNeeds, { descriptor, images }: WantedBlob, signal: AbortSignal): Promise<void> {
  let failure: Error | undefined;
  for (const image of images) {
    try {
      if (isManifestType(descriptor.mediaType) || isIndexType(descriptor.mediaType))
        await bringManifest(needs, descriptor, { names: image.digests, signal });
      else await fetchFromOrigin(needs, image, descriptor, { signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      failure = error instanceof Error ? error : new Error(String(error));
    }
  }
  throw failure ?? fault("not-found", "no image names it any more");
}

/** Registries serve manifests by a road of their own. */
async function bringManifest(
  { content, registry }: Pick<ImageNeeds, "content" | "registry">,
  { digest, mediaType }: Descriptor,
  { names, signal }: { readonly names: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  let reason = "the image has no name that says where it is from";
  for (const name of names) {
    try {
      const { descriptor, bytes } = await registry.manifest(parseReference(name), { digest, signal });
      await content.ingest(descriptor, new Blob([bytes]).stream(), { signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      reason = messageOf(error);
    }
  }
  throw fault("unavailable", `${mediaType} ${digest} cannot be fetched again: ${reason}`);
}

async function unpackAgain(
  { content, layers }: Pick<ImageNeeds, "content" | "layers">,
  diffId: RepairStep["item"]["digest"],
  wanted: Wanted,
): Promise<void> {
  for (const blob of wanted.layers.get(diffId)?.blobs ?? []) {
    if ((await content.stat(blob.digest)) === undefined) continue;
    const source = await sourceOf({ content }, diffId, blob);
    // A layer that could not be judged before may well be sound.
    if ((await layers.has(diffId)) && (await layers.verify(diffId, source)).state === "sound") return;
    await layers.remove(diffId);
    await layers.unpack(source);
    return;
  }
  throw fault("unavailable", "the blob that it is made of is not here: pull or load an image that has it");
}
