import type { VersionChange } from "./change.ts";

/** 1.51: a list of images says how many containers use each. */
export const change151: VersionChange = {
  version: "1.51",
  replies: { imageSummary: (image) => ({ ...image, Containers: -1 }) },
};
