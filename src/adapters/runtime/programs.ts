import { accessSync, constants } from "node:fs";

/** Where programs of the engine are looked for: never the PATH of whoever started the daemon. */
export const programPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What a child of the daemon sees of its environment, and nothing else. */
export function programEnvironment(temporary: string): Record<string, string> {
  return { PATH: programPath, TZ: "UTC", TMPDIR: temporary };
}

/** The absolute path of a program; undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  return programPath
    .split(":")
    .map((folder) => `${folder}/${name}`)
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
