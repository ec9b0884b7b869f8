// A registry inside an enclosure, where a daemon of a test finds it on 127.0.0.1.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Digest, hexOf } from "#base";
import { busyboxArchive } from "../../scripts/images/busybox-image.ts";
import { succeed } from "./command.ts";
import type { Enclosure } from "./enclosure.ts";
import { startRegistry } from "./registry.ts";
import { projectRoot } from "./tools.ts";

type Pusher = Pick<Awaited<ReturnType<typeof startRegistry>>, "pushBlob" | "pushManifest">;

interface Document {
  readonly mediaType?: string;
  readonly manifests?: readonly { readonly digest: Digest; readonly mediaType: string }[];
}

export interface EnclosedRegistry extends AsyncDisposable {
  /** "127.0.0.1:40001" within the enclosure; holds busybox:latest and whatever `fill` put there. */
  readonly host: string;
}

/** What a test pushes is pushed from outside, then served from within. */
export async function startEnclosedRegistry(
  enclosure: Pick<Enclosure, "prefix">,
  fill: (registry: Pusher) => Promise<void> = () => Promise.resolve(),
): Promise<EnclosedRegistry> {
  const outer = await startRegistry();
  try {
    await pushArchive(outer, "busybox", await busyboxArchive(join(projectRoot, ".cache")));
    await fill(outer);
    const inner = await startRegistry({ data: outer.data, prefix: enclosure.prefix });
    return {
      host: inner.host,
      async [Symbol.asyncDispose](): Promise<void> {
        await inner[Symbol.asyncDispose]();
        await outer[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await outer[Symbol.asyncDispose]();
    throw error;
  }
}

/** The one image of an OCI layout in a tar, as `latest`. */
async function pushArchive(registry: Pusher, repository: string, bytes: Uint8Array): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "gantry-push-"));
  try {
    await succeed(["tar", "-x", "-C", folder], { stdin: bytes });
    const blob = async (name: string): Promise<Uint8Array> => await readFile(join(folder, "blobs/sha256", name));
    for (const name of await readdir(join(folder, "blobs/sha256"))) await registry.pushBlob(repository, await blob(name));
    const layout = JSON.parse(await readFile(join(folder, "index.json"), "utf8")) as Document;
    for (const { digest, mediaType } of layout.manifests ?? []) {
      const index = await blob(hexOf(digest));
      const { manifests = [] } = JSON.parse(new TextDecoder().decode(index)) as Document;
      for (const one of manifests) {
        await registry.pushManifest(repository, one.digest, { mediaType: one.mediaType, bytes: await blob(hexOf(one.digest)) });
      }
      await registry.pushManifest(repository, "latest", { mediaType, bytes: index });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
