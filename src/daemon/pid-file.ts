import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fault } from "#base";
import { hasCode, lockFile } from "#linux";

/**
 * Takes the pid file and holds a lock on it for the life of the process, so that two daemons never share a place; a pid file that
 * a killed daemon left is taken over. Disposing removes it. @throws conflict when another daemon holds it
 */
export function takePidFile(path: string): Disposable {
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  const lock = lockFile(path);
  if (lock === undefined) {
    throw fault("conflict", `another daemon (pid ${readPid(path)}) holds ${path}; end it, or choose another --pidfile`);
  }
  writeFileSync(path, `${process.pid}\n`);
  return {
    [Symbol.dispose](): void {
      rmSync(path, { force: true });
      lock[Symbol.dispose]();
    },
  };
}

function readPid(path: string): string {
  try {
    return readFileSync(path, "utf8").trim() || "unknown";
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "unknown";
    throw error;
  }
}
