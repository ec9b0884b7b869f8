// Paths of the host that a caller names (bind sources). They are the caller's own to choose, but what lies there may hang for ever.
import { mkdirSync, statSync } from "node:fs";
import { hasCode } from "./kernel-error.ts";
import { devicesBelow } from "./machine.ts";

export const hostPathCalls = {
  /** True when something is there, links followed. */
  hostPathKind: (path: string): "folder" | "file" | undefined => {
    try {
      return statSync(path).isDirectory() ? "folder" : "file";
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
      throw error;
    }
  },

  /** Device nodes at or below a path. */
  hostDevices: devicesBelow,

  /** Makes a folder and those above it, mode 0755, unless something is there. */
  makeHostFolder: (path: string): void => {
    try {
      mkdirSync(path, { recursive: true, mode: 0o755 });
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
  },
};
