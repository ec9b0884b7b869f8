export { type ContentIngester, type ContentProvider, type ContentStore, type IngestOptions } from "./content-store.ts";
export { type Descriptor, type Platform } from "./descriptor.ts";
export { type HistoryEntry, type Image, type ImageManifest, type ImageRuntimeConfig } from "./image.ts";
export { type LayerSource, type LayerStore, type UnpackedLayer } from "./layer-store.ts";
export { familiarName, formatFamiliar, formatReference, parseReference, withDefaultTag, type Reference } from "./reference.ts";
export { type FetchedManifest, type Registry } from "./registry.ts";
