import { mediaTypes } from "#image";

/** A platform with all that an index may say of one. */
export interface ListedPlatform {
  readonly architecture: string;
  readonly os: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
  readonly variant?: string;
}

/** A manifest of a list, as Docker's client writes it. */
export interface ListedManifest {
  readonly Ref: string;
  readonly Descriptor: {
    readonly mediaType: string;
    readonly digest: string;
    readonly size: number;
    readonly platform?: ListedPlatform;
  };
  /** The manifest's bytes in base64. */
  readonly Raw: string;
  readonly SchemaV2Manifest?: unknown;
  readonly OCIManifest?: unknown;
}

/** The index over manifests, in the bytes that Docker's client writes: so lists get the same digest from either. */
export function indexText(manifests: readonly Pick<ListedManifest, "Descriptor">[]): string {
  const isOci = manifests.every(({ Descriptor }) => Descriptor.mediaType === mediaTypes.ociManifest);
  const document = {
    schemaVersion: 2,
    mediaType: isOci ? mediaTypes.ociIndex : mediaTypes.dockerIndex,
    manifests: manifests.map(({ Descriptor: { mediaType, size, digest, platform } }) => ({
      mediaType,
      size,
      digest,
      platform: platform === undefined ? { architecture: "", os: "" } : orderedPlatform(platform),
    })),
  };
  return JSON.stringify(document, undefined, 3);
}

/** Fields in Docker's order. */
export function orderedPlatform(platform: ListedPlatform): ListedPlatform {
  const { architecture, os, "os.version": version, "os.features": features, variant } = platform;
  return {
    architecture,
    os,
    ...(version !== undefined && { "os.version": version }),
    ...(features !== undefined && { "os.features": features }),
    ...(variant !== undefined && { variant }),
  };
}
