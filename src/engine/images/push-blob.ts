import { hexOf, shortId } from "#base";
import type { Descriptor, Image, Reference, RegistryCall } from "#image";
import { type ImageBlob, isToBeHad, packAnew, type PackedAnew } from "./bring-blobs.ts";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";
import { paced } from "./parallel.ts";
import type { ProgressChannel } from "./progress-channel.ts";
import type { Progress } from "./verbs.ts";

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
 * is stored here, it comes from where it was seen, the layer is compressed anew. Only of the last is there a result.
 */
export async function pushBlob(context: PushContext, blob: ImageBlob): Promise<PackedAnew | undefined> {
  const { descriptor, diffId } = blob;
  const { needs, reference, hold } = context;
  const tell = teller(context, blob);
  const call = callOf(context);
  let begun = false;
  try {
    await hold.take("blob", descriptor.digest);
    const isThere = await needs.registry.has(reference, descriptor.digest, call);
    const source = isThere ? undefined : await takeElsewhere(context, descriptor);
    if (isThere || source !== undefined) {
      tell({ status: source === undefined ? "Layer already exists" : `Mounted from ${source}` });
    } else {
      const isHere = await isToBeHad(needs, context.image, blob, context);
      begun = true;
      if (!isHere) return await sendAnew(context, blob, tell);
      await send(context, descriptor, tell);
    }
    if (diffId !== undefined) needs.layerBlobs.seen({ blob: descriptor, diffId }, reference);
    return undefined;
  } catch (error) {
    // Docker's last word about a layer that never got its turn.
    if (!begun) tell({ status: "Waiting" });
    throw error;
  }
}

type Tell = (line: Pick<Progress, "status" | "current" | "total">) => void;

/** Configs go unmentioned, as in Docker. */
function teller({ channel }: PushContext, { descriptor, diffId }: ImageBlob): Tell {
  const id = shortId(hexOf(descriptor.digest));
  return (line) => {
    if (diffId !== undefined) channel.push({ id, ...line });
  };
}

function callOf({ credentials, signal }: PushContext): RegistryCall {
  return { ...(credentials !== undefined && { credentials }), signal };
}

/** Takes a blob from another repository of the registry. The path of that repository, undefined when none gives it. */
async function takeElsewhere(context: PushContext, descriptor: Descriptor): Promise<string | undefined> {
  const { needs, reference } = context;
  const seen = needs.layerBlobs.origins(descriptor.digest);
  const others = seen.filter(({ domain, path }) => domain === reference.domain && path !== reference.path);
  for (const { path } of others.slice(0, maxSources))
    if ((await needs.registry.send(reference, descriptor, { ...callOf(context), from: path })) === "mounted") return path;
  return undefined;
}

async function send(context: PushContext, descriptor: Descriptor, tell: Tell): Promise<void> {
  const { needs, reference } = context;
  await needs.registry.send(reference, descriptor, {
    ...callOf(context),
    open: () => needs.content.open(descriptor.digest),
    onProgress: paced((current) => tell({ status: "Pushing", current, total: descriptor.size })),
  });
  tell({ status: "Pushed" });
}

async function sendAnew(context: PushContext, { descriptor, diffId }: ImageBlob, tell: Tell): Promise<PackedAnew> {
  const { needs, reference, hold, signal } = context;
  tell({ status: "Compressing anew" });
  const anew = await packAnew(needs, diffId ?? descriptor.digest, { hold, signal });
  const isThere = await needs.registry.has(reference, anew.blob.digest, callOf(context));
  if (isThere) tell({ status: "Layer already exists" });
  else await send(context, anew.blob, tell);
  needs.layerBlobs.seen(anew, reference);
  return anew;
}
