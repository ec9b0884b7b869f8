import { hexOf, shortId } from "#base";
import { type Image, parseReference, type Reference, type RegistryCall } from "#image";
import { bringBlobs } from "./bring-blobs.ts";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";
import { paced } from "./parallel.ts";
import type { ProgressChannel } from "./progress-channel.ts";
import type { PushedBlob } from "./push-target.ts";

export interface PushContext extends RegistryCall {
  readonly needs: ImageNeeds;
  readonly image: Image;
  /** Where it goes. */
  readonly reference: Reference;
  readonly channel: ProgressChannel;
  readonly hold: Hold;
}

/** Repositories of one registry that are asked for a blob before it is sent. */
const maxSources = 3;

/**
 * Makes sure that the repository has a blob, in the cheapest way there is: it has it, another repository of the same registry has it, the blob
 * is stored here, it comes from where the image came from.
 */
export async function pushBlob(context: PushContext, { descriptor, diffId }: PushedBlob): Promise<void> {
  const { needs, reference, channel, hold, credentials, signal } = context;
  const { registry, content } = needs;
  const call = { ...(credentials !== undefined && { credentials }), signal };
  const id = shortId(hexOf(descriptor.digest));
  // Configs go unmentioned, as in Docker.
  const tell = (line: { readonly status: string; readonly current?: number; readonly total?: number }): void => {
    if (diffId !== undefined) channel.push({ id, ...line });
  };
  let begun = false;
  try {
    await hold.take("blob", descriptor.digest);
    if (await registry.has(reference, descriptor.digest, call)) return tell({ status: "Layer already exists" });
    const [source, ...others] = sourcesOf(context, descriptor.digest);
    if ((await content.stat(descriptor.digest)) === undefined) {
      for (const from of [source, ...others].filter((path) => path !== undefined)) {
        if ((await registry.send(reference, descriptor, { ...call, from })) === "mounted") return tell({ status: `Mounted from ${from}` });
      }
      await bringBlobs(needs, context.image, [descriptor], { hold, signal });
    }
    begun = true;
    const sent = await registry.send(reference, descriptor, {
      ...call,
      ...(source !== undefined && { from: source }),
      open: () => content.open(descriptor.digest),
      onProgress: paced((current) => tell({ status: "Pushing", current, total: descriptor.size })),
    });
    tell({ status: sent === "mounted" ? `Mounted from ${source}` : "Pushed" });
  } catch (error) {
    // Docker's last word about a layer that never got its turn.
    if (!begun) tell({ status: "Waiting" });
    throw error;
  }
}

/** Paths of other repositories of the same registry that are known under a name of an image with this blob. */
function sourcesOf({ needs, reference }: PushContext, digest: string): readonly string[] {
  const images = needs.catalog
    .all()
    .filter(({ manifests }) => manifests.some(({ layers }) => layers.some((layer) => layer.digest === digest)));
  const paths = images.flatMap(({ digests }) => digests.map((name) => parseReference(name)));
  const others = paths.filter(({ domain, path }) => domain === reference.domain && path !== reference.path).map(({ path }) => path);
  return [...new Set(others)].slice(0, maxSources);
}
