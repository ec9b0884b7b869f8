import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Puts an archive at the path that the command line names, whole or not at all. */
export async function writeArchive(bytes: Uint8Array): Promise<void> {
  const [path] = process.argv.slice(2);
  if (path === undefined) {
    console.error(`usage: bun ${process.argv[1] ?? ""} ARCHIVE`);
    process.exit(2);
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, bytes);
  await rename(`${path}.${process.pid}`, path);
}
