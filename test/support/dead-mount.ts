// A file system whose server never answers, as that of a lost network share: whoever touches it hangs.
import { closeSync, constants, openSync } from "node:fs";
import type { Enclosure } from "./enclosure.ts";

/** Mounted at `path` inside the enclosure. Disposing answers all who wait with ENOTCONN, and the mount stays until the enclosure goes. */
export async function mountDead(enclosure: Enclosure, path: string): Promise<Disposable> {
  const server = openSync("/dev/fuse", constants.O_RDWR);
  const options = "fd=3,rootmode=40000,user_id=0,group_id=0,allow_other";
  const child = Bun.spawn([...enclosure.prefix, "mount", "-i", "-t", "fuse", "-o", options, "dead", path], {
    stdio: ["ignore", "ignore", "inherit", server],
  });
  if ((await child.exited) !== 0) throw new Error(`fuse was not mounted at ${path}`);
  return { [Symbol.dispose]: () => closeSync(server) };
}
