import type { VersionChange } from "./change.ts";

/** 1.42: limits of kernel memory are gone. */
export const change142: VersionChange = {
  version: "1.42",
  replies: { info: (info) => ({ ...info, KernelMemory: true }) },
};
