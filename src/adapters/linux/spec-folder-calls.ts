// Folders of files that say what is to be done to containers: read here, since a path may hang, and trusted as far as root alone wrote them.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { hasCode } from "./kernel-error.ts";
import { messageOf } from "#base";
import { foreignWriter } from "./root-owned.ts";

/** No description of devices is larger, or has more files beside it. */
const largest = 8 << 20;
const most = 1000;

export interface SpecFile {
  readonly path: string;
  /** What the file says, JSON or YAML. */
  readonly document?: unknown;
  readonly problem?: string;
}

export const specFolderCalls = {
  /** The .json, .yaml and .yml files right in a folder, by name; none where there is no folder. */
  readSpecFolder: (folder: string): readonly SpecFile[] => {
    try {
      const names = readdirSync(folder).filter((name) => /\.(json|ya?ml)$/.test(name));
      return names
        .toSorted()
        .slice(0, most)
        .map((name) => specFile(`${folder}/${name}`));
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
      throw error;
    }
  },

  /** As `foreignWriter`, and why a program cannot be run. */
  programProblem: (path: string): string | undefined => {
    try {
      return foreignWriter(path) ?? ((statSync(path).mode & 0o111) === 0 ? `${path} is not executable` : undefined);
    } catch (error) {
      return messageOf(error);
    }
  },
};

function specFile(path: string): SpecFile {
  try {
    const problem = foreignWriter(path) ?? (statSync(path).size > largest ? "it is too large" : undefined);
    if (problem !== undefined) return { path, problem };
    const text = readFileSync(path, "utf8");
    return { path, document: path.endsWith(".json") ? JSON.parse(text) : Bun.YAML.parse(text) };
  } catch (error) {
    return { path, problem: messageOf(error) };
  }
}
