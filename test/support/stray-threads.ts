import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Names of the threads of this process that are in another network namespace than the process. */
export function strayThreads(): string[] {
  const home = readlinkSync("/proc/self/ns/net");
  return readdirSync("/proc/self/task").flatMap((thread) => {
    try {
      const folder = `/proc/self/task/${thread}`;
      return readlinkSync(`${folder}/ns/net`) === home ? [] : [readFileSync(`${folder}/comm`, "utf8").trim()];
    } catch (error) {
      if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
      throw error;
    }
  });
}
