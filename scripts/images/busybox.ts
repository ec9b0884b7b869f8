// bun scripts/images/busybox.ts ARCHIVE: writes busybox:latest as an archive for `load`.
import { join } from "node:path";
import { busyboxArchive } from "./busybox-image.ts";
import { writeArchive } from "./write-archive.ts";

await writeArchive(await busyboxArchive(join(import.meta.dir, "../../.cache")));
