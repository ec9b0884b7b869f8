import { createHash } from "node:crypto";
import { fault } from "#base";
import {
  type Descriptor,
  isConfigType,
  maxConfigSize,
  parseConfig,
  parseManifest,
  parseReference,
  type Platform,
  type Reference,
  type RegistryCall,
  withDefaultTag,
} from "#image";
import type { Distribution } from "./verbs.ts";
import type { ImageNeeds } from "./needs.ts";

/** What a name stands for at its registry. @throws invalid, not-found, unauthorized, unavailable */
export async function distribution({ registry }: Pick<ImageNeeds, "registry">, name: string, call: RegistryCall): Promise<Distribution> {
  const reference = withDefaultTag(parseReference(name));
  const { descriptor, bytes } = await registry.manifest(reference, call);
  const document = parseManifest(bytes, descriptor.mediaType);
  const platforms =
    document.kind === "index"
      ? document.manifests.flatMap(({ platform }) => platform ?? [])
      : await platformOfConfig({ registry }, { reference, config: document.config, call });
  return { descriptor, bytes, platforms };
}

/** Only an image's config says a platform, not that of another artifact. */
async function platformOfConfig(
  { registry }: Pick<ImageNeeds, "registry">,
  { reference, config, call }: { readonly reference: Reference; readonly config: Descriptor; readonly call: RegistryCall },
): Promise<readonly Platform[]> {
  if (!isConfigType(config.mediaType)) return [];
  const bytes = await readBlob(await registry.blob(reference, config, call), config);
  return [parseConfig(bytes).platform];
}

/** @throws invalid for bytes that are not the descriptor's */
async function readBlob(stream: ReadableStream<Uint8Array>, { digest, size }: Descriptor): Promise<Uint8Array> {
  const limit = Math.min(size, maxConfigSize);
  const pieces: Uint8Array[] = [];
  let read = 0;
  for await (const piece of stream) {
    read += piece.length;
    if (read > limit) throw fault("invalid", `registry sends more than the ${limit} bytes of image config ${digest}`);
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  const found = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (found !== digest) throw fault("invalid", `registry sends an image config with digest ${found}, expected ${digest}`);
  return bytes;
}
