// What the metadata of an image archive means. Paths in it are names of entries in the same archive and never reach a file
// system; they are still held to the grammar of a relative path, so that an archive which tries something is refused by name.
import { fault } from "#base";
import type { Descriptor } from "./descriptor.ts";
import { isJsonObject, parseJson, parseJsonObject } from "./json-document.ts";
import { readDescriptor } from "./manifest.ts";
import { formatReference, parseReference, withDefaultTag } from "./reference.ts";

/** Bytes of the largest metadata file that an archive may hold: the cap of an image config. */
export const maxArchiveDocument = 8 * 1024 * 1024;

/** One image of a Docker archive's manifest.json. */
export interface ArchivedImage {
  readonly config: string;
  readonly layers: readonly string[];
  /** Canonical, with tag. */
  readonly tags: readonly string[];
}

/** One image of an OCI layout's index.json. */
export interface LayoutImage {
  readonly target: Descriptor;
  /** Canonical, with tag; absent when the layout names none. */
  readonly tag?: string;
}

/** Reads manifest.json of a Docker archive. @throws invalid */
export function parseArchiveManifest(bytes: Uint8Array): readonly ArchivedImage[] {
  const document = parseJson(bytes, "manifest.json");
  if (!Array.isArray(document)) throw fault("invalid", "manifest.json is not a list");
  return document.map((entry: unknown) => {
    if (!isJsonObject(entry)) throw fault("invalid", "manifest.json holds something other than images");
    return {
      config: entryName(entry["Config"], "Config"),
      layers: names(entry["Layers"], "Layers").map((name) => entryName(name, "Layers")),
      tags: names(entry["RepoTags"], "RepoTags").map(parseTag),
    };
  });
}

/** Reads index.json of an OCI layout (OCI image spec, image-layout.md). @throws invalid */
export function parseLayoutIndex(bytes: Uint8Array): readonly LayoutImage[] {
  const { manifests } = parseJsonObject(bytes, "index.json") as { manifests?: unknown };
  if (!Array.isArray(manifests)) throw fault("invalid", "index.json has no manifests");
  return manifests.map((entry, index) => {
    const target = readDescriptor(entry, `index.json manifests[${index}]`);
    const tag = tagOf(target.annotations ?? {});
    return { target, ...(tag !== undefined && { tag }) };
  });
}

/** True when an OCI layout file is of the version that we read. @throws invalid otherwise */
export function checkLayoutVersion(bytes: Uint8Array): void {
  const { imageLayoutVersion } = parseJsonObject(bytes, "oci-layout") as { imageLayoutVersion?: unknown };
  if (imageLayoutVersion !== "1.0.0") throw fault("invalid", `oci-layout version ${JSON.stringify(imageLayoutVersion)} is not 1.0.0`);
}

/** The name under which two spellings of one entry meet: no leading "./", no trailing slash. @throws invalid when it leaves the archive */
export function entryName(value: unknown, field: string): string {
  if (typeof value !== "string" || value === "") throw fault("invalid", `invalid ${field} in manifest.json: not a file name`);
  const parts = value.split("/").filter((part, index, all) => part !== "." && !(part === "" && index === all.length - 1));
  if (parts.length === 0 || parts.includes("..") || parts.includes("") || value.includes("\0"))
    throw fault("invalid", `invalid ${field} in manifest.json: ${JSON.stringify(value.slice(0, 200))} leaves the archive`);
  return parts.join("/");
}

function names(value: unknown, field: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw fault("invalid", `invalid ${field} in manifest.json: not a list`);
  return value;
}

function parseTag(value: unknown): string {
  if (typeof value !== "string") throw fault("invalid", "invalid tag in manifest.json: not a string");
  const reference = parseReference(value);
  if (reference.digest !== undefined || reference.tag === undefined) throw fault("invalid", `invalid tag ${JSON.stringify(value)}`);
  return formatReference(reference);
}

/** Containerd writes the whole name beside the spec's ref.name; the latter alone counts when it is a whole name itself. */
function tagOf(annotations: Readonly<Record<string, string>>): string | undefined {
  const whole = annotations["io.containerd.image.name"];
  if (whole !== undefined) return formatReference(withDefaultTag(parseReference(whole)));
  const name = annotations["org.opencontainers.image.ref.name"];
  return name !== undefined && /[/:]/.test(name) ? formatReference(withDefaultTag(parseReference(name))) : undefined;
}
