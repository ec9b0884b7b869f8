export { byteString, byteStringOfText, bytesOf, quoteBytes, type ByteString } from "./byte-string.ts";
export { ByteSource } from "./byte-source.ts";
export { readArchiveEntries, type ArchiveEntry } from "./archive-entries.ts";
export { type ArchiveSpool, type SpooledFile } from "./archive-spool.ts";
export {
  checkLayoutVersion,
  entryName,
  maxArchiveDocument,
  parseArchiveManifest,
  parseLayoutIndex,
  type ArchivedImage,
  type LayoutImage,
} from "./archive.ts";
export { blobPath, layoutFiles, type SavedImage } from "./archive-layout.ts";
export { encodeConfig, encodeHealthCheck, encodeManifest } from "./compose-image.ts";
export { applyChanges } from "./config-changes.ts";
export { maxConfigSize, parseConfig, type ImageConfig } from "./config.ts";
export { dockerManifest, imageId } from "./image-id.ts";
export { maxManifestSize, parseManifest, type ManifestDocument } from "./manifest.ts";
export { acceptedManifests, isConfigType, isIndexType, isManifestType, isPlainLayer, mediaTypes } from "./media-types.ts";
export { formatPlatform, nearestPlatform, parsePlatform, platformMatches, platformRank, samePlatform, selectPlatform } from "./platform.ts";
export { type ContentIngester, type ContentProvider, type ContentStore, type IngestOptions } from "./content-store.ts";
export { type Downloads } from "./downloads.ts";
export { type Descriptor, type Platform } from "./descriptor.ts";
export { type HealthCheck, type HistoryEntry, type Image, type ImageManifest, type ImageRuntimeConfig } from "./image.ts";
export { type Inflater } from "./inflater.ts";
export { type LayerSource, type LayerStore, type LayerVerdict, type UnpackedLayer, type UnpackOptions } from "./layer-store.ts";
export { type Settler } from "./settler.ts";
export {
  domainOf,
  familiarName,
  formatFamiliar,
  formatReference,
  isTag,
  parseReference,
  withDefaultTag,
  type Reference,
} from "./reference.ts";
export { type RegistrySearch, type SearchHit } from "./registry-search.ts";
export { type FetchedManifest, type Registry, type RegistryCall } from "./registry.ts";
export { TarDecoder, tarLimits } from "./tar-decoder.ts";
export { tarEnd, tarHeader, tarPadding, type TarMember } from "./tar-encoder.ts";
export { type TarEntry, type TarEntryType, type TarSink, type TarTime } from "./tar-entry.ts";
export { layerPath, linkTarget, type LayerPath } from "./whiteout.ts";
export { type Credentials, type RegistryLogin } from "./registry-login.ts";
export type { BlobUpload, RegistryPush } from "./registry-push.ts";
