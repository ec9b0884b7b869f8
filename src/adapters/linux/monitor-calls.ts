import { closeSync, constants, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { hasCode } from "./kernel-error.ts";
import { waitForExitCode } from "./pidfd.ts";

/** What must lie in the run directory before a monitor starts. */
export interface MonitorFolder {
  readonly folder: string;
  /** Below the folder. */
  readonly exitFolder: string;
  readonly files: Readonly<Record<string, string>>;
  /** Folders of its control groups. */
  readonly groups: readonly string[];
}

/** Files that a monitor and the engine share; all paths are the engine's own. */
export const monitorCalls = {
  /** Makes the folder anew with its files, and the groups. */
  makeMonitorFolder: ({ folder, exitFolder, files, groups }: MonitorFolder): void => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(`${folder}/${exitFolder}`, { recursive: true, mode: 0o700 });
    for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text, { mode: 0o600 });
    for (const group of groups) mkdirSync(group, { recursive: true });
  },
  writeMonitorFile: (path: string, text: string): void => {
    writeFileSync(path, text, { mode: 0o600 });
  },
  removeMonitorFolder: (folder: string): void => {
    rmSync(folder, { recursive: true, force: true });
  },
  /** A small file with its time in nanoseconds; undefined when it is not there. */
  readMonitorFile: (path: string): { readonly text: string; readonly at: bigint } | undefined => {
    try {
      return { text: readFileSync(path, "utf8"), at: statSync(path, { bigint: true }).mtimeNs };
    } catch (error) {
      if (hasCode(error, "ENOENT")) return undefined;
      throw error;
    }
  },
  /** Writes to a monitor's fifo; false when no monitor reads it. */
  writeMonitorFifo: (path: string, text: string): boolean => {
    try {
      const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      try {
        writeSync(fd, text);
        return true;
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      if (hasCode(error, "ENXIO", "ENOENT")) return false;
      throw error;
    }
  },
  waitForExitCode,
};
