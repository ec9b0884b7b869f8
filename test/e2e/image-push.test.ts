import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Digest } from "#base";
import { mediaTypes } from "#image";
import { sha256 } from "../support/archive.ts";
import { succeed } from "../support/command.ts";
import { collect, type ImagePlace, makeImagePlace } from "../support/image-place.ts";
import { imageParts, type ImageParts, indexOf } from "../support/image-parts.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";

const never = new AbortController().signal;
const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };
let registry: TestRegistry;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => await registry[Symbol.asyncDispose]());

function idOf(bytes: Uint8Array | undefined): string {
  return sha256(bytes ?? new Uint8Array()).slice(7, 19);
}

async function place(repository: string, tag: string, parts: ImageParts): Promise<void> {
  for (const bytes of [...parts.layers, parts.config]) await registry.pushBlob(repository, bytes);
  const { mediaType } = JSON.parse(new TextDecoder().decode(parts.manifest)) as { mediaType: string };
  await registry.pushManifest(repository, tag, { mediaType, bytes: parts.manifest });
}

/** An index of two platforms in the registry, of which each has a layer of its own. */
async function placeIndex(
  repository: string,
): Promise<{ readonly index: Uint8Array<ArrayBuffer>; readonly amd64: ImageParts; readonly arm64: ImageParts }> {
  const images = {
    amd64: imageParts({ gzip: true, architecture: "amd64", layers: [[{ name: "arch", content: "amd64" }]] }),
    arm64: imageParts({ gzip: true, architecture: "arm64", layers: [[{ name: "arch", content: "arm64" }]] }),
  };
  for (const parts of Object.values(images)) await place(repository, parts.manifestDigest, parts);
  const index = indexOf(images);
  await registry.pushManifest(repository, "v1", { mediaType: mediaTypes.ociIndex, bytes: index });
  return { index, ...images };
}

async function pulled(engine: ImagePlace, name: string, platform = amd64): Promise<void> {
  expect((await collect(engine.images.verbs.pull(`${registry.host}/${name}`, { platform, signal: never }))).error).toBeUndefined();
}

async function tagged(engine: ImagePlace, name: string, repository: string, tag: string): Promise<void> {
  await engine.images.verbs.tag(`${registry.host}/${name}`, { repository: `${registry.host}/${repository}`, tag });
}

function push(engine: ImagePlace, name: string, options: { readonly platform?: typeof amd64 } = {}): ReturnType<typeof collect> {
  return collect(engine.images.verbs.push(`${registry.host}/${name}`, { ...options, signal: never }));
}

/** What the registry has under a tag. */
async function stored(repository: string, tag: string): Promise<string> {
  const accept = Object.values(mediaTypes).join(", ");
  const reply = await fetch(`${registry.origin}/v2/${repository}/manifests/${tag}`, { headers: { Accept: accept } });
  return reply.ok ? sha256(new Uint8Array(await reply.arrayBuffer())) : `${reply.status}`;
}

describe("push()", () => {
  test("sends an image as it is, tells it in Docker's words, and another engine pulls the same", async () => {
    await using engine = await makeImagePlace();
    const parts = imageParts({ gzip: true, docker: true, layers: [[{ name: "one", content: "1" }], [{ name: "two", content: "2" }]] });
    await using origin = await startRegistry();
    for (const bytes of [...parts.layers, parts.config]) await origin.pushBlob("from", bytes);
    await origin.pushManifest("from", "v1", { mediaType: mediaTypes.dockerManifest, bytes: parts.manifest });
    await collect(engine.images.verbs.pull(`${origin.host}/from:v1`, { signal: never }));
    await engine.images.verbs.tag(`${origin.host}/from:v1`, { repository: `${registry.host}/to`, tag: "v1" });
    const { lines, error } = await push(engine, "to:v1");
    expect(error).toBeUndefined();
    expect(
      lines
        .filter(({ status }) => status === "Pushed")
        .map(({ id }) => id ?? "")
        .toSorted(),
    ).toEqual(parts.layers.map(idOf).toSorted());
    expect(lines[0]).toEqual({ status: `The push refers to repository [${registry.host}/to]` });
    expect(lines.at(-1)).toEqual({ status: `v1: digest: ${parts.manifestDigest} size: ${parts.manifest.length}` });
    expect(await stored("to", "v1")).toBe(parts.manifestDigest);
    expect(engine.events.at(-1)).toBe(`push ${registry.host}/to:v1`);
    await using other = await makeImagePlace();
    await pulled(other, "to:v1");
    expect(other.images.verbs.get(`${registry.host}/to:v1`).image.id).toBe(parts.manifestDigest);
  });

  test("sends nothing that is there, and takes a blob from another repository of the registry", async () => {
    await using engine = await makeImagePlace();
    const parts = imageParts({ gzip: true, layers: [[{ name: "shared", content: "shared" }]] });
    await place("known", "v1", parts);
    await pulled(engine, "known:v1");
    const layer = idOf(parts.layers[0]);
    const first = await push(engine, "known:v1");
    expect(first.lines.slice(1, -1)).toEqual([{ id: layer, status: "Layer already exists" }]);
    await tagged(engine, "known:v1", "mounted", "v2");
    const second = await push(engine, "mounted:v2");
    expect(second.lines.slice(1, -1)).toEqual([{ id: layer, status: "Mounted from known" }]);
    expect(await stored("mounted", "v2")).toBe(parts.manifestDigest);
  });

  test("sends every tag of a repository when none is named", async () => {
    await using engine = await makeImagePlace();
    const parts = imageParts({ gzip: true, layers: [[{ name: "all", content: "all" }]] });
    await place("all", "origin", parts);
    await pulled(engine, "all:origin");
    for (const tag of ["b", "a"]) await tagged(engine, "all:origin", "every", tag);
    const { lines } = await push(engine, "every");
    const digest = `digest: ${parts.manifestDigest} size: ${parts.manifest.length}`;
    expect(lines.filter(({ status }) => status?.includes("digest:"))).toEqual([{ status: `a: ${digest}` }, { status: `b: ${digest}` }]);
    expect([await stored("every", "a"), await stored("every", "b")]).toEqual([parts.manifestDigest, parts.manifestDigest]);
  });

  test("sends an index whose every platform is here, else the one image that is, and says so", async () => {
    await using engine = await makeImagePlace();
    const { index, ...parts } = await placeIndex("multi");
    await pulled(engine, "multi:v1");
    await tagged(engine, "multi:v1", "half", "v1");
    const half = await push(engine, "half:v1");
    expect(half.lines[1]).toMatchObject({
      aux: {
        manifestPushedInsteadOfIndex: true,
        originalIndex: { digest: sha256(index) },
        selectedManifest: { digest: parts.amd64.manifestDigest },
      },
    });
    expect(await stored("half", "v1")).toBe(parts.amd64.manifestDigest);
    await pulled(engine, "multi:v1", arm64);
    await tagged(engine, "multi:v1", "whole", "v1");
    const whole = await push(engine, "whole:v1");
    expect(whole.error).toBeUndefined();
    expect(whole.lines.some(({ aux }) => aux !== undefined)).toBe(false);
    expect(await stored("whole", "v1")).toBe(sha256(index));
    expect(await stored("whole", parts.arm64.manifestDigest)).toBe(parts.arm64.manifestDigest);
    await tagged(engine, "multi:v1", "chosen", "v1");
    expect((await push(engine, "chosen:v1", { platform: arm64 })).lines.at(-1)?.status).toContain(parts.arm64.manifestDigest);
    expect(await stored("chosen", "v1")).toBe(parts.arm64.manifestDigest);
    const s390x = await push(engine, "chosen:v1", { platform: { os: "linux", architecture: "s390x" } });
    expect(s390x.error).toMatchObject({
      fault: "not-found",
      message: `image with reference ${registry.host}/chosen:v1 was found but does not provide the specified platform (linux/s390x)`,
    });
  });

  test("refuses in Docker's words what is not here", async () => {
    await using engine = await makeImagePlace();
    const missing = [
      [`none:v1`, `tag does not exist: ${registry.host}/none:v1`],
      [`none`, `An image does not exist locally with the tag: ${registry.host}/none`],
      [`none@${sha256(new Uint8Array())}`, `tag does not exist: ${registry.host}/none@${sha256(new Uint8Array())}`],
    ];
    for (const [name = "", message] of missing) expect((await push(engine, name)).error).toMatchObject({ fault: "not-found", message });
  });

  test("tells of a layer that never got its turn when nobody listens", async () => {
    await using engine = await makeImagePlace();
    const parts = imageParts({ gzip: true, layers: [[{ name: "lonely", content: "lonely" }]] });
    await place("lonely", "v1", parts);
    await pulled(engine, "lonely:v1");
    await engine.images.verbs.tag(`${registry.host}/lonely:v1`, { repository: "127.0.0.1:1/x", tag: "v1" });
    const { lines, error } = await collect(engine.images.verbs.push("127.0.0.1:1/x:v1", { signal: never }));
    expect(lines.slice(1)).toEqual([{ id: idOf(parts.layers[0]), status: "Waiting" }]);
    expect(String(error)).toContain("dial tcp 127.0.0.1:1: connect: connection refused");
  });
});

describe("pull() of a name without a tag", () => {
  test("pulls every tag, and names the one that fails", async () => {
    await using engine = await makeImagePlace();
    const parts = imageParts({ gzip: true, layers: [[{ name: "each", content: "each" }]] });
    for (const tag of ["a", "b"]) await place("each", tag, parts);
    const { lines } = await collect(engine.images.verbs.pull(`${registry.host}/each`, { signal: never }));
    const begun = lines.filter(({ status }) => status?.startsWith("Pulling from") === true);
    expect(new Set(begun.map(({ id }) => id))).toEqual(new Set(["a", "b"]));
    expect(engine.images.verbs.get(`${registry.host}/each:b`).image.tags).toEqual([`${registry.host}/each:a`, `${registry.host}/each:b`]);
    await placeIndex("each");
    const s390x = await collect(
      engine.images.verbs.pull(`${registry.host}/each`, { platform: { os: "linux", architecture: "s390x" }, signal: never }),
    );
    expect(String(s390x.error)).toContain(`error pulling ${registry.host}/each:v1: no matching manifest for linux/s390x`);
  });

  test("says that there is no such repository", async () => {
    await using engine = await makeImagePlace();
    const { error } = await collect(engine.images.verbs.pull(`${registry.host}/nowhere`, { signal: never }));
    const message = `repository ${registry.host}/nowhere not found: name unknown: repository name not known to registry`;
    expect(error).toMatchObject({ fault: "not-found", message });
  });
});

describe("push() of a layer whose blob is gone", () => {
  /** An engine with an image of two layers, of which the second implies a folder, and nowhere but there. */
  async function orphan(): Promise<{ readonly engine: ImagePlace; readonly parts: ImageParts; readonly upper: Digest }> {
    const engine = await makeImagePlace();
    const parts = imageParts({
      gzip: true,
      layers: [[{ name: "tmp", type: "directory", mode: 0o1777 }], [{ name: "tmp/file", content: "kept" }, { name: ".wh.gone" }]],
    });
    await using origin = await startRegistry();
    for (const bytes of [...parts.layers, parts.config]) await origin.pushBlob("from", bytes);
    await origin.pushManifest("from", "v1", { mediaType: mediaTypes.ociManifest, bytes: parts.manifest });
    await collect(engine.images.verbs.pull(`${origin.host}/from:v1`, { signal: never }));
    await engine.images.verbs.tag(`${origin.host}/from:v1`, { repository: `${registry.host}/anew`, tag: "v1" });
    return { engine, parts, upper: sha256(parts.layers[1] ?? new Uint8Array()) };
  }

  test("fetches it again from where it was seen", async () => {
    await using engine = await makeImagePlace();
    const parts = imageParts({ gzip: true, layers: [[{ name: "again", content: "again" }]] });
    await using origin = await startRegistry();
    for (const bytes of [...parts.layers, parts.config]) await origin.pushBlob("from", bytes);
    await origin.pushManifest("from", "v1", { mediaType: mediaTypes.ociManifest, bytes: parts.manifest });
    await collect(engine.images.verbs.pull(`${origin.host}/from:v1`, { signal: never }));
    await engine.images.verbs.tag(`${origin.host}/from:v1`, { repository: `${registry.host}/fetched`, tag: "v1" });
    await engine.images.verbs.remove(`${origin.host}/from:v1`, { force: false });
    await engine.content.remove(sha256(parts.layers[0] ?? new Uint8Array()));
    expect((await push(engine, "fetched:v1")).error).toBeUndefined();
    expect(await stored("fetched", "v1")).toBe(parts.manifestDigest);
  });

  test("compresses the layer anew when nobody has it any more, and says that the digest is another", async () => {
    const { engine, parts, upper } = await orphan();
    await using _engine = engine;
    await engine.content.remove(upper);
    const before = await engine.stored();
    const { lines, error } = await push(engine, "anew:v1");
    expect(error).toBeUndefined();
    expect(lines).toContainEqual({ id: upper.slice(7, 19), status: "Compressing anew" });
    expect(lines.at(-2)?.status).toContain(`this is not ${parts.manifestDigest} any more`);
    const digest = await stored("anew", "v1");
    expect(lines.at(-1)?.status).toStartWith(`v1: digest: ${digest} size:`);
    expect(digest).not.toBe(parts.manifestDigest);
    // The image itself stays what it was, and nothing that was made for the push is kept.
    expect(engine.images.verbs.get(`${registry.host}/anew:v1`).image.id).toBe(parts.manifestDigest);
    expect(await engine.stored()).toEqual(before);
    await using other = await makeImagePlace();
    await pulled(other, "anew:v1");
    const { image, manifest } = other.images.verbs.get(`${registry.host}/anew:v1`);
    expect<string>(image.id).toBe(digest);
    expect(manifest.layers[0]?.digest).toBe(sha256(parts.layers[0] ?? new Uint8Array()));
    const [, diffId = sha256(new Uint8Array())] = manifest.diffIds;
    expect(await Bun.file(join(other.layers.lowerdir(diffId), "tmp/file")).text()).toBe("kept");
    expect(other.layers.implied?.(diffId)).toEqual(["tmp"]);
    const mark = await succeed(["stat", "-c", "%F %t:%T", join(other.layers.lowerdir(diffId), "gone")]);
    expect(mark.trim()).toBe("character special file 0:0");
  });
});
