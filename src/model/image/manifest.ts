import { fault, isDigest } from "#base";
import type { Descriptor, Platform } from "./descriptor.ts";
import { isJsonObject, type JsonObject, parseJsonObject } from "./json-document.ts";
import { isIndexType, isManifestType, mediaTypes } from "./media-types.ts";

/** Bytes of the largest manifest or index that is read; what registries accept for a push. */
export const maxManifestSize = 4 * 1024 * 1024;

/** More layers than any overlay can stack, so that a hostile manifest ends early. */
const maxLayers = 500;
const maxIndexEntries = 10_000;

export type ManifestDocument =
  | { readonly kind: "index"; readonly mediaType: string; readonly manifests: readonly Descriptor[] }
  | { readonly kind: "manifest"; readonly mediaType: string; readonly config: Descriptor; readonly layers: readonly Descriptor[] };

/**
 * Reads an image manifest or index of OCI or Docker schema 2. `mediaType` is what the descriptor or the Content-Type header
 * says; the document must agree with it, and may not be readable as both kinds.
 * @throws invalid
 */
export function parseManifest(bytes: Uint8Array, mediaType?: string): ManifestDocument {
  if (bytes.length > maxManifestSize) throw fault("invalid", `manifest is larger than ${maxManifestSize} bytes`);
  const document = parseJsonObject(bytes, "manifest");
  const stated = document["mediaType"];
  if (stated !== undefined && typeof stated !== "string") throw fault("invalid", "manifest mediaType is not a string");
  if (document["schemaVersion"] === 1)
    throw fault("unsupported", "manifest schema 1 is not supported: push the image again with a newer client");
  if (document["schemaVersion"] !== 2) throw fault("invalid", "manifest schemaVersion is not 2");
  const isIndex = document["manifests"] !== undefined;
  if (isIndex && (document["layers"] !== undefined || document["config"] !== undefined))
    throw fault("invalid", "manifest is ambiguous: it has both manifests and layers");
  const known = stated === undefined || stated === "" ? mediaType : stated;
  const own = known ?? (isIndex ? mediaTypes.ociIndex : mediaTypes.ociManifest);
  if (mediaType !== undefined && own !== mediaType)
    throw fault("invalid", `manifest says it is ${JSON.stringify(own)}, its descriptor says ${JSON.stringify(mediaType)}`);
  if (isIndex ? !isIndexType(own) : !isManifestType(own))
    throw fault("invalid", `media type ${JSON.stringify(own)} does not fit the manifest's fields`);
  return isIndex ? readIndex(document, own) : readImageManifest(document, own);
}

function readIndex(document: JsonObject, mediaType: string): ManifestDocument {
  const manifests = readDescriptors(document["manifests"], "manifests", maxIndexEntries);
  return { kind: "index", mediaType, manifests };
}

function readImageManifest(document: JsonObject, mediaType: string): ManifestDocument {
  const config = readDescriptor(document["config"], "config");
  const layers = readDescriptors(document["layers"] ?? [], "layers", maxLayers);
  return { kind: "manifest", mediaType, config, layers };
}

function readDescriptors(value: unknown, field: string, limit: number): readonly Descriptor[] {
  if (!Array.isArray(value)) throw fault("invalid", `manifest field ${field} is not a list`);
  if (value.length > limit) throw fault("invalid", `manifest field ${field} has more than ${limit} entries`);
  return value.map((entry, index) => readDescriptor(entry, `${field}[${index}]`));
}

/** One descriptor of a foreign document. @throws invalid naming `field` */
export function readDescriptor(value: unknown, field: string): Descriptor {
  if (!isJsonObject(value)) throw fault("invalid", `manifest field ${field} is not a descriptor`);
  const { mediaType, digest, size } = value as { mediaType?: unknown; digest?: unknown; size?: unknown };
  if (typeof mediaType !== "string") throw fault("invalid", `manifest field ${field} has no mediaType`);
  if (typeof digest !== "string" || !isDigest(digest)) throw fault("invalid", `manifest field ${field} has no sha256 digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw fault("invalid", `manifest field ${field} has no valid size`);
  const platform = readPlatform(value["platform"], field);
  const annotations = readAnnotations(value["annotations"], field);
  return { mediaType, digest, size, ...(platform !== undefined && { platform }), ...(annotations !== undefined && { annotations }) };
}

function readPlatform(value: unknown, field: string): Platform | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw fault("invalid", `manifest field ${field}.platform is not an object`);
  const { os, architecture, variant } = value as { os?: unknown; architecture?: unknown; variant?: unknown };
  if (typeof os !== "string" || typeof architecture !== "string") throw fault("invalid", `manifest field ${field}.platform is incomplete`);
  return { os, architecture, ...(typeof variant === "string" && variant !== "" && { variant }) };
}

function readAnnotations(value: unknown, field: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw fault("invalid", `manifest field ${field}.annotations is not an object`);
  for (const text of Object.values(value))
    if (typeof text !== "string") throw fault("invalid", `manifest field ${field}.annotations holds something other than text`);
  return value as Readonly<Record<string, string>>;
}
