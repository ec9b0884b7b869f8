// Starter images for tests, as archives for `load`.
import { join } from "node:path";
import { busyboxArchive } from "../../scripts/images/busybox-image.ts";
import { helloWorldArchive } from "../../scripts/images/hello-world-image.ts";
import { projectRoot } from "./tools.ts";

/** Puts hello-world:latest or busybox:latest into the daemon at the socket. @throws with its answer when it refuses */
export async function loadImage(socket: string, name: "busybox" | "hello-world"): Promise<void> {
  const archive = name === "busybox" ? await busyboxArchive(join(projectRoot, ".cache")) : helloWorldArchive();
  const reply = await fetch("http://localhost/images/load", {
    unix: socket,
    method: "POST",
    body: archive,
    headers: { "content-type": "application/x-tar" },
  });
  const text = await reply.text();
  if (!reply.ok || text.includes('"error"')) throw new Error(`load of ${name}: ${reply.status} ${text}`);
}
