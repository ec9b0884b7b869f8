import { without, type VersionChange } from "./change.ts";

/** 1.48: images have descriptors. */
export const change148: VersionChange = {
  version: "1.48",
  replies: {
    containerInspect: without("ImageManifestDescriptor"),
    containerSummary: without("ImageManifestDescriptor"),
    imageInspect: without("Descriptor"),
    imageSummary: without("Descriptor"),
  },
};
