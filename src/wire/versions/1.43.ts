import type { VersionChange } from "./change.ts";

/** 1.43: an image without names has empty lists of them. */
export const change143: VersionChange = {
  version: "1.43",
  replies: {
    imageSummary: (image) => ({
      ...image,
      RepoTags: isEmptyList(image["RepoTags"]) ? ["<none>:<none>"] : image["RepoTags"],
      RepoDigests: isEmptyList(image["RepoDigests"]) ? ["<none>@<none>"] : image["RepoDigests"],
    }),
  },
};

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
