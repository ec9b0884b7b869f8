// P6: what a verb about images brings is synced once, before anything names it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { hexOf } from "#base";
import { sha256 } from "../support/archive.ts";
import { call } from "../support/container-calls.ts";
import { callsDuring } from "../support/crash-points.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { dockerArchive, imageParts, type ImageParts } from "../support/image-parts.ts";
import { loadArchive } from "../support/planted-image.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";

let daemon: TestDaemon;
let registry: TestRegistry;

beforeAll(async () => {
  registry = await startRegistry();
  daemon = await startDaemon();
}, 30_000);
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
}, 30_000);

const partsOf = (name: string): ImageParts =>
  imageParts({ gzip: true, layers: ["a", "b", "c", "d"].map((file) => [{ name: file, content: `${name}${file}`.repeat(9_000) }]) });

async function push(name: string): Promise<void> {
  const { layers, config, manifest } = partsOf(name);
  for (const bytes of [...layers, config]) await registry.pushBlob(name, bytes);
  const { mediaType } = JSON.parse(new TextDecoder().decode(manifest)) as { readonly mediaType: string };
  await registry.pushManifest(name, "v1", { mediaType, bytes: manifest });
}

async function pull(name: string): Promise<void> {
  const text = await (await call(daemon, `/images/create?fromImage=${registry.host}/${name}&tag=v1`, { method: "POST" })).text();
  expect(text).toContain("Status: ");
  expect(text).not.toContain('"error"');
}

/** Writes to the database and syncs of anything, in the order of time. */
async function syncsOf(act: () => Promise<unknown>): Promise<readonly string[]> {
  const calls = await callsDuring(daemon, "fsync,fdatasync,syncfs,sync", act);
  return calls.map(({ name }) => name);
}

test("a pull of four layers syncs the file system once and then the database once; a second one only the database", async () => {
  for (const name of ["warm", "cold"]) await push(name);
  // What threads and tables it has from now on are there.
  await pull("warm");
  expect(await syncsOf(() => pull("cold"))).toEqual(["syncfs", "fsync"]);
  expect(await syncsOf(() => pull("cold"))).toEqual(["fsync"]);
}, 30_000);

test("what an image lacks that is named already is synced before it is there", async () => {
  const [layer = new Uint8Array()] = partsOf("cold").layers;
  rmSync(join(daemon.place.dataRoot, "content/sha256", hexOf(sha256(layer))));
  // The blob and its folder, and then as ever.
  expect(await syncsOf(() => pull("cold"))).toEqual(["fsync", "fsync", "syncfs", "fsync"]);
}, 30_000);

test("a load syncs as a pull does", async () => {
  const load = (name: string): Promise<unknown> => loadArchive(daemon, dockerArchive(partsOf(name), [`${name}:v1`]));
  await load("first");
  expect(await syncsOf(() => load("second"))).toEqual(["syncfs", "fsync"]);
}, 30_000);
