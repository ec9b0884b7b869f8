// Blobs of layers are a cache: they go when they are too many, and nothing that images can do goes with them.
import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Digest, hexOf } from "#base";
import { mediaTypes } from "#image";
import { archive, type ArchiveMember, sha256 } from "../support/archive.ts";
import { collect, type ImagePlace, inPieces, makeImagePlace } from "../support/image-place.ts";
import { dockerArchive, imageParts, type ImageParts, indexOf } from "../support/image-parts.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { sealedMethods } from "../support/sealed-methods.ts";

const never = new AbortController().signal;
const [method] = sealedMethods;
const sealed = method === undefined ? [] : [{ driver: "sealed", method } as const];
const drivers = [{ driver: "directory" } as const, ...sealed];
/** Keeps no blob that may go. */
const none = { budget: 0, disk: { free: 1, whole: 1 } };

const shared: readonly ArchiveMember[] = [{ name: "shared", content: "s".repeat(9_000) }];
const image = (architecture: string): ImageParts =>
  imageParts({ gzip: true, level: 0, architecture, layers: [shared, [{ name: "etc/own", content: architecture }]] });
const images = { amd64: image("amd64"), arm64: image("arm64") };
const index = indexOf(images);
/** The blobs of amd64's layers. */
const blobs = images.amd64.layers.map((bytes) => sha256(bytes));

/** A registry that has both as the index "app:v1". */
async function origin(): Promise<TestRegistry> {
  const registry = await startRegistry();
  for (const { layers, config, manifest, manifestDigest } of Object.values(images)) {
    for (const bytes of [...layers, config]) await registry.pushBlob("app", bytes);
    await registry.pushManifest("app", manifestDigest, { mediaType: mediaTypes.ociManifest, bytes: manifest });
  }
  await registry.pushManifest("app", "v1", { mediaType: mediaTypes.ociIndex, bytes: index });
  return registry;
}

async function pull({ images: { verbs } }: ImagePlace, name: string, architecture = "amd64"): Promise<readonly string[]> {
  const { lines, error } = await collect(verbs.pull(name, { platform: { os: "linux", architecture }, signal: never }));
  expect(error).toBeUndefined();
  return lines.map(({ status = "" }) => status);
}

async function load({ images: { verbs } }: ImagePlace, bytes: Uint8Array): Promise<void> {
  expect((await collect(verbs.load(inPieces(bytes), never))).error).toBeUndefined();
}

async function save({ images: { verbs } }: ImagePlace, name: string): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(verbs.save([name], { signal: never })));
}

async function here({ content }: ImagePlace, digests: readonly Digest[]): Promise<number> {
  const sizes = await Promise.all(digests.map((digest) => content.stat(digest)));
  return sizes.filter((size) => size !== undefined).length;
}

describe.each(drivers)("dropped blobs with %j", (driver) => {
  const isSealed = driver.driver === "sealed";

  test("are no flaw, not fetched by the next pull, and fetched by save", async () => {
    await using registry = await origin();
    await using kept = await makeImagePlace({ driver });
    await using place = await makeImagePlace({ driver, room: none });
    const name = `${registry.host}/app:v1`;
    for (const each of [kept, place]) await pull(each, name);
    expect([await here(kept, blobs), await here(place, blobs)]).toEqual([2, 0]);
    const report = { blobs: 3, layers: 2, unjudged: isSealed ? 0 : 2, flaws: [], plan: [], outcomes: [] };
    expect(await place.images.check({ heal: true, signal: never })).toEqual(report);
    expect(await pull(place, name)).not.toContain("Download complete");
    expect(await place.images.verbs.storedBytes()).toBeLessThan(await kept.images.verbs.storedBytes());
    const saved = await save(place, name);
    expect(saved).toEqual(await save(kept, name));
    expect(await here(place, blobs)).toBe(0);
    await load(kept, saved);
    expect(kept.images.verbs.get(name).image.id).toBe(sha256(index));
  });

  test("are fetched to heal the layers that were made of them", async () => {
    await using registry = await origin();
    await using place = await makeImagePlace({ driver, room: none });
    await pull(place, `${registry.host}/app:v1`);
    const [diffId] = place.images.verbs.get(`${registry.host}/app:v1`).manifest.diffIds;
    if (diffId === undefined) throw new Error("an image of two layers");
    rmSync(join(place.dataRoot, "layers", hexOf(diffId), "layer.json"));
    const { flaws, outcomes } = await place.images.check({ heal: true, signal: never });
    expect(flaws.map(({ item: { kind }, problem }) => `${problem} ${kind}`)).toEqual(["missing blob", "damaged layer"]);
    expect(outcomes.map(({ action, failure }) => [action, failure])).toEqual([
      ["fetch", undefined],
      ["unpack", undefined],
    ]);
    expect((await place.images.check({ heal: false, signal: never })).flaws).toEqual([]);
  });

  test("of an index that nobody has any more are made anew for save and push", async () => {
    await using place = await makeImagePlace({ driver, room: none });
    const [from, to] = await Promise.all([origin(), startRegistry()]);
    await using _to = to;
    const name = `${from.host}/app:v1`;
    for (const architecture of ["amd64", "arm64"]) await pull(place, name, architecture);
    const { manifests: were } = place.images.verbs.get(name).image;
    await from[Symbol.asyncDispose]();
    await using other = await makeImagePlace({ driver });
    await load(other, await save(place, name));
    const { image: loaded } = other.images.verbs.get(name);
    expect(loaded.id).not.toBe(sha256(index));
    // The image itself stays what it was.
    expect(place.images.verbs.get(name).image.id).toBe(sha256(index));
    for (const [number, manifest] of loaded.manifests.entries()) {
      const same = were[number];
      expect(manifest.unpackedSize).toBe(same?.unpackedSize ?? 0);
      // A tree has forgotten how its archive was written; an archive that was kept is the same.
      if (isSealed) expect([manifest.diffIds, manifest.configDigest]).toEqual([same?.diffIds ?? [], same?.configDigest ?? sha256(index)]);
    }
    await place.images.verbs.tag(name, { repository: `${to.host}/app`, tag: "v1" });
    const { lines, error } = await collect(place.images.verbs.push(`${to.host}/app:v1`, { signal: never }));
    expect(error).toBeUndefined();
    expect(lines.filter(({ status }) => status === "Compressing anew")).toHaveLength(3);
    await pull(other, `${to.host}/app:v1`, "arm64");
    expect(other.images.verbs.get(`${to.host}/app:v1`).image.id).toBe(loaded.id);
    expect((await place.images.check({ heal: false, signal: never })).flaws).toEqual([]);
  });

  test("that no registry is known to have stay, unless the layer's archive is the blob", async () => {
    await using place = await makeImagePlace({ driver, room: none });
    const plain = imageParts({ layers: [shared] });
    await load(place, dockerArchive(plain, ["plain:1"]));
    await load(place, archiveOf(images.amd64));
    expect(await here(place, plain.layers.map(sha256))).toBe(isSealed ? 0 : 1);
    expect(await here(place, blobs)).toBe(2);
    const saved = await save(place, "plain:1");
    await using other = await makeImagePlace({ driver });
    await load(other, saved);
    expect(other.images.verbs.get("plain:1").image.id).toBe(place.images.verbs.get("plain:1").image.id);
    expect((await place.images.check({ heal: false, signal: never })).flaws).toEqual([]);
  });
});

function archiveOf({ layers, config, manifest, manifestDigest }: ImageParts): Uint8Array<ArrayBuffer> {
  const named = { mediaType: mediaTypes.ociManifest, digest: manifestDigest, size: manifest.length };
  return archive([
    { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: "index.json", content: JSON.stringify({ schemaVersion: 2, manifests: [named] }) },
    ...[...layers, config, manifest].map((content) => ({ name: `blobs/sha256/${hexOf(sha256(content))}`, content })),
  ]);
}

test("a blob of another packing than the one that was unpacked is no flaw", async () => {
  await using registry = await startRegistry();
  await using place = await makeImagePlace();
  for (const [tag, parts] of [
    ["plain", imageParts({ layers: [shared] })],
    ["packed", imageParts({ gzip: true, layers: [shared] })],
  ] as const) {
    for (const bytes of [...parts.layers, parts.config]) await registry.pushBlob("two", bytes);
    await registry.pushManifest("two", tag, { mediaType: mediaTypes.ociManifest, bytes: parts.manifest });
    await pull(place, `${registry.host}/two:${tag}`);
  }
  expect(await place.images.check({ heal: false, signal: never })).toMatchObject({ blobs: 4, layers: 1, flaws: [] });
});
