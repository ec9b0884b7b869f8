/** Media types of the OCI image spec (media-types.md) and of Docker's schema 2. */
export const mediaTypes = {
  ociIndex: "application/vnd.oci.image.index.v1+json",
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociConfig: "application/vnd.oci.image.config.v1+json",
  ociLayerGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  ociLayerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerLayer: "application/vnd.docker.image.rootfs.diff.tar",
  dockerLayerGzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  dockerLayerZstd: "application/vnd.docker.image.rootfs.diff.tar.zstd",
} as const;

const indexes: readonly string[] = [mediaTypes.ociIndex, mediaTypes.dockerIndex];
const manifests: readonly string[] = [mediaTypes.ociManifest, mediaTypes.dockerManifest];
const configs: readonly string[] = [mediaTypes.ociConfig, mediaTypes.dockerConfig];

/** True for an OCI index or a Docker manifest list. */
export function isIndexType(mediaType: string): boolean {
  return indexes.includes(mediaType);
}

/** True for an OCI or Docker schema 2 image manifest. */
export function isManifestType(mediaType: string): boolean {
  return manifests.includes(mediaType);
}

/** True for the config of a container image, false for that of another artifact. */
export function isConfigType(mediaType: string): boolean {
  return configs.includes(mediaType);
}

/** True for a layer whose blob is the tar itself, so that its digest is its diff id. */
export function isPlainLayer(mediaType: string): boolean {
  return mediaType === mediaTypes.dockerLayer || mediaType === "application/vnd.oci.image.layer.v1.tar";
}

/** What a registry client says it understands, best first. */
export const acceptedManifests: readonly string[] = [...indexes, ...manifests];
