import { stat } from "node:fs/promises";
import { hasCode } from "#linux";
import type { LogRotation } from "#log";
import { rotateLog } from "./log-files.ts";

/** Rotates the monitor's files by renaming them. */
export class FileLogRotation implements LogRotation {
  async size(path: string): Promise<number> {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if (hasCode(error, "ENOENT")) return 0;
      throw error;
    }
  }

  rotate(path: string, keep: number): Promise<void> {
    return rotateLog(path, keep);
  }
}
