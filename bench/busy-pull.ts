// The engine at work: 20 containers run and an image of 96 MiB is pulled, while somebody asks whether it is there.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { imageParts } from "../test/support/image-parts.ts";
import { startRegistry } from "../test/support/registry.ts";
import { docker, type Engine } from "./engine.ts";

const layers = 6;
const megabytes = 16;

/** A registry where the engine reaches it, with an image that is new: its bytes do not compress and differ each time. */
async function openRegistry(engine: Engine): Promise<AsyncDisposable & { readonly image: string }> {
  await using held = new AsyncDisposableStack();
  const outside = held.use(await startRegistry());
  const content = Array.from({ length: layers }, (_, at) => [{ name: `block-${at}`, content: randomBytes(megabytes << 20) }]);
  const parts = imageParts({ gzip: true, layers: content });
  for (const bytes of [...parts.layers, parts.config]) await outside.pushBlob("busy", bytes);
  await outside.pushManifest("busy", "v1", { mediaType: "application/vnd.oci.image.manifest.v1+json", bytes: parts.manifest });
  const inside = held.use(await startRegistry({ data: outside.data, prefix: engine.prefix }));
  const moved = held.move();
  return { image: `${inside.host}/busy:v1`, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

/** 99th percentile of `_ping`, milliseconds, from the first run's start to the end of the last thing at work. */
export async function busyPull(engine: Engine): Promise<number> {
  await using registry = await openRegistry(engine);
  const asker = Bun.spawn(["setsid", "--wait", process.execPath, join(import.meta.dir, "ping-until-told.ts"), engine.socket], {
    stdin: "pipe",
    stdout: "pipe",
  });
  const runs = Array.from({ length: 20 }, () => docker(engine, "run", "--rm", "busybox", "true"));
  const done = await Promise.all([docker(engine, "pull", "-q", registry.image), ...runs]);
  await asker.stdin.end();
  const waits = (await asker.stdout.json()) as readonly number[];
  for (const { code, stderr } of done) if (code !== 0) throw new Error(`${engine.name}: ${stderr}`);
  await docker(engine, "rmi", registry.image);
  return waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? Number.NaN;
}
