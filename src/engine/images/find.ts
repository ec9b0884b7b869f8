import { type Digest, fault } from "#base";
import {
  formatFamiliar,
  formatPlatform,
  formatReference,
  type Image,
  type ImageManifest,
  nearestPlatform,
  parseReference,
  type Platform,
  type Reference,
  samePlatform,
  withDefaultTag,
} from "#image";
import { type ImageCatalog, platformOf } from "./catalog.ts";

/** What a client's word for an image led to. */
export interface Found {
  readonly image: Image;
  /** The manifest that the word named by its own or its config's digest; else the first. */
  readonly manifest: ImageManifest;
  /** By which name; absent when it was an id. */
  readonly reference?: Reference;
}

/**
 * Finds an image by name (with tag, digest or neither), id, id prefix, manifest or config digest; a name goes before an id that reads the same.
 * @throws not-found "No such image: x:latest", also when a prefix fits several; invalid for what is neither
 */
export function findImage(catalog: ImageCatalog, text: string): Found {
  const prefix = /^(?:sha256:)?([0-9a-f]{1,64})$/.exec(text)?.[1];
  const isWhole = prefix?.length === 64;
  const reference = isWhole || text.startsWith("sha256:") ? undefined : withDefaultTag(parseReference(text));
  const found =
    (reference === undefined ? undefined : byName(catalog, reference)) ?? (prefix === undefined ? undefined : byDigest(catalog, prefix));
  if (found !== undefined) return found;
  throw noSuchImage(reference === undefined ? (isWhole ? `sha256:${prefix}` : text) : formatFamiliar(reference));
}

/** The manifest that was meant, or the one of exactly the platform that was asked for. @throws not-found, naming the platform */
export function manifestFor(found: Found, text: string, platform: Platform | undefined): ImageManifest {
  if (platform === undefined) return found.manifest;
  const chosen = found.image.manifests.find((other) => samePlatform(platform, platformOf(other)));
  if (chosen === undefined) throw lacksPlatform(found, text, platform);
  return chosen;
}

/** As manifestFor, and what a machine of that platform would run in its place. @throws not-found, naming the platform */
export function nearestManifest(found: Found, text: string, platform: Platform | undefined): ImageManifest {
  if (platform === undefined) return found.manifest;
  const chosen = nearestPlatform(platform, found.image.manifests, platformOf);
  if (chosen === undefined) throw lacksPlatform(found, text, platform);
  return chosen;
}

function lacksPlatform({ reference }: Found, text: string, platform: Platform): Error {
  const name = reference === undefined ? text : formatFamiliar(reference);
  const wanted = formatPlatform(platform);
  return fault("not-found", `image with reference ${name} was found but does not provide the specified platform (${wanted})`);
}

function noSuchImage(name: string): Error {
  return fault("not-found", `No such image: ${name}`);
}

function byName(catalog: ImageCatalog, reference: Reference): Found | undefined {
  const { domain, path, digest } = reference;
  const image =
    digest === undefined
      ? catalog.named(formatReference(reference))
      : catalog.all().find(({ digests }) => digests.includes(`${domain}/${path}@${digest}`));
  return image === undefined ? undefined : { image, manifest: firstManifest(image), reference };
}

function byDigest(catalog: ImageCatalog, prefix: string): Found | undefined {
  const fits = (digest: Digest): boolean => digest.startsWith(`sha256:${prefix}`);
  const images = catalog.all().filter(({ id }) => fits(id));
  if (images.length > 1) throw fault("not-found", "ambiguous reference");
  const [image] = images;
  if (image !== undefined) return { image, manifest: firstManifest(image) };
  const inner = catalog
    .all()
    .flatMap((image) => image.manifests.map((manifest) => ({ image, manifest })))
    .filter(({ manifest }) => fits(manifest.descriptor.digest) || fits(manifest.configDigest));
  if (new Set(inner.map(({ image }) => image.id)).size > 1) throw fault("not-found", "ambiguous reference");
  return inner[0];
}

function firstManifest(image: Image): ImageManifest {
  const [manifest] = image.manifests;
  if (manifest === undefined) throw new Error(`image ${image.id} has no manifest`);
  return manifest;
}
