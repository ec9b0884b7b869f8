// Images of busybox with a layer of a test's own above it, loaded over the API.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findBusybox } from "../../scripts/images/busybox-image.ts";
import type { ArchiveMember } from "./archive.ts";
import type { TestDaemon } from "./daemon.ts";
import { dockerArchive, imageParts } from "./image-parts.ts";

const applets = ["sh", "cat", "ls", "id", "env", "sleep", "true", "echo", "od", "readlink", "touch", "head", "wc", "stat", "mkdir"];

interface PlantOptions {
  readonly members?: readonly ArchiveMember[];
  /** Further layers. */
  readonly above?: readonly (readonly ArchiveMember[])[];
  readonly config?: object;
}

const cache = join(import.meta.dir, "../../.cache");

/** Loads an image under the name. @throws with the daemon's words when it refuses */
export async function plantImage(daemon: TestDaemon, name: string, { members = [], above = [], config = {} }: PlantOptions): Promise<void> {
  const base: ArchiveMember[] = [
    { type: "directory", name: "bin" },
    { name: "bin/busybox", content: await readFile(await findBusybox(cache)), mode: 0o755 },
    ...applets.map((applet): ArchiveMember => ({ type: "symlink", name: `bin/${applet}`, linkName: "busybox" })),
  ];
  const settings = { Cmd: ["sh"], Env: ["PATH=/bin"], ...config };
  const reply = await loadArchive(
    daemon,
    dockerArchive(imageParts({ docker: true, layers: [base, members, ...above], config: settings }), [`${name}:latest`]),
  );
  if (!reply.includes("Loaded image")) throw new Error(`load of ${name}: ${reply}`);
}

/** What the daemon says of an archive. */
export async function loadArchive(daemon: TestDaemon, body: Uint8Array<ArrayBuffer>): Promise<string> {
  const reply = await daemon.request("/images/load", { method: "POST", body, headers: { "content-type": "application/x-tar" } });
  return await reply.text();
}
