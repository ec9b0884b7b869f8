// bun scripts/images/hello-world.ts ARCHIVE: writes hello-world:latest as an archive for `load`.
import { helloWorldArchive } from "./hello-world-image.ts";
import { writeArchive } from "./write-archive.ts";

await writeArchive(helloWorldArchive());
