export { anonymousLabels, checkVolumeName, checkVolumeOptions, isAnonymous, type Volume, type VolumeRequest } from "./volume.ts";
export { type FillSource, type FoundVolume, type OpenedSubpath, type VolumeStore } from "./volume-store.ts";
