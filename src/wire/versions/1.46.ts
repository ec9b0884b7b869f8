import { within, without, type VersionChange } from "./change.ts";

/** 1.46: info tells of containerd, a list of containers of annotations. */
export const change146: VersionChange = {
  version: "1.46",
  replies: {
    info: without("Containerd"),
    containerSummary: (container) => within(container, "HostConfig", without("Annotations")),
  },
};
