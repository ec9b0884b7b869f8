// Whoever else speaks to registries: what they push we pull, what we push they pull, and everybody gives it the same digests. A registry stands
// in each partner's network, over the data of one.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DockerPeer, startDockerPeer } from "../../scripts/peers/docker-peer.ts";
import { enterForky } from "../../scripts/peers/forky.ts";
import { mediaTypes } from "#image";
import { sha256 } from "../support/archive.ts";
import { succeed } from "../support/command.ts";
import { collect, type ImagePlace, makeImagePlace } from "../support/image-place.ts";
import { dockerArchive, imageParts } from "../support/image-parts.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { stockClient } from "../support/tools.ts";

const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), "gantry-partners-"));
const parts = imageParts({
  gzip: true,
  layers: [
    [
      { name: "etc", type: "directory", mode: 0o755 },
      { name: "etc/one", content: "one" },
      { name: "gone", content: "x" },
    ],
    [
      { name: ".wh.gone" },
      { name: "etc/two", content: "two", mode: 0o640, uid: 7 },
      { name: "etc/same", type: "hardlink", linkName: "etc/two" },
    ],
  ],
});
const plain = imageParts({ layers: [[{ name: "plain", content: "plain" }], [{ name: "second", content: "2" }]] });
let registry: TestRegistry;
let engine: ImagePlace;

beforeAll(async () => {
  registry = await startRegistry();
  engine = await makeImagePlace();
  for (const bytes of [...parts.layers, parts.config]) await registry.pushBlob("origin", bytes);
  await registry.pushManifest("origin", "v1", { mediaType: mediaTypes.ociManifest, bytes: parts.manifest });
  await pulled("origin:v1");
  await engine.images.verbs.tag(`${registry.host}/origin:v1`, { repository: `${registry.host}/ours`, tag: "v1" });
  expect((await collect(engine.images.verbs.push(`${registry.host}/ours:v1`, { signal: never }))).error).toBeUndefined();
  await Bun.write(join(folder, "plain.tar"), dockerArchive(plain, ["plain:v1"]));
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Pulls with our engine. The image, and what the registry has under its name. */
async function pulled(
  name: string,
): Promise<{ readonly id: string; readonly config: string; readonly diffIds: readonly string[]; readonly types: readonly string[] }> {
  expect((await collect(engine.images.verbs.pull(`${registry.host}/${name}`, { signal: never }))).error).toBeUndefined();
  const { image, manifest } = engine.images.verbs.get(`${registry.host}/${name}`);
  return {
    id: image.id,
    config: manifest.configDigest,
    diffIds: manifest.diffIds,
    types: manifest.layers.map(({ mediaType }) => mediaType),
  };
}

const plainDiffIds = plain.layers.map((bytes) => sha256(bytes));

describe.each(["docker28c", "docker28"] as const)("%s", (kind) => {
  let peer: DockerPeer;
  let beside: TestRegistry;

  beforeAll(async () => {
    peer = await startDockerPeer(kind);
    beside = await startRegistry({ prefix: peer.prefix, data: registry.data });
  }, 600_000);

  afterAll(async () => {
    await beside[Symbol.asyncDispose]();
    await peer[Symbol.asyncDispose]();
  }, 60_000);

  function docker(...args: readonly string[]): Promise<string> {
    return succeed([stockClient(), "-H", `unix://${peer.socket}`, ...args]);
  }

  test("pulls what we pushed, under the same digest", async () => {
    const out = await docker("pull", `${beside.host}/ours:v1`);
    expect(out).toContain(`Digest: ${parts.manifestDigest}`);
    const id = (await docker("image", "inspect", "-f", "{{.Id}}", `${beside.host}/ours:v1`)).trim();
    expect(id).toBe(kind === "docker28c" ? parts.manifestDigest : sha256(parts.config));
  }, 60_000);

  test("pushes what we pull, under the same digest", async () => {
    await docker("load", "-i", join(folder, "plain.tar"));
    await docker("tag", "plain:v1", `${beside.host}/from-${kind}:v1`);
    const digest = /digest: (sha256:[0-9a-f]+)/.exec(await docker("push", `${beside.host}/from-${kind}:v1`))?.[1];
    const { id, diffIds, config } = await pulled(`from-${kind}:v1`);
    expect(id).toBe(digest ?? "");
    expect(diffIds).toEqual(plainDiffIds);
    const own = (await docker("image", "inspect", "-f", "{{.Id}}", "plain:v1")).trim();
    expect(own).toBe(kind === "docker28c" ? id : config);
  }, 60_000);

  test("sends nothing of an image that we pushed: each layer is there", async () => {
    await docker("pull", `${beside.host}/ours:v1`);
    // Under another tag: the older store makes a manifest of its own form.
    await docker("tag", `${beside.host}/ours:v1`, `${beside.host}/ours:${kind}`);
    const out = await docker("push", `${beside.host}/ours:${kind}`);
    expect(out.includes(parts.manifestDigest)).toBe(kind === "docker28c");
    expect(out.match(/: Layer already exists$/gm)).toHaveLength(2);
  }, 60_000);
});

describe("programs of Debian", () => {
  function tool(...command: readonly string[]): Promise<string> {
    return succeed(["unshare", "--mount", "--propagation", "private", ...enterForky([folder]), ...command]);
  }

  const copy = ["skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "--dest-tls-verify=false"];

  test("skopeo copies what we pushed, byte by byte", async () => {
    const target = join(folder, "copied");
    await tool(...copy, `docker://${registry.host}/ours:v1`, `dir:${target}`);
    expect(sha256(readFileSync(join(target, "manifest.json")))).toBe(parts.manifestDigest);
  }, 120_000);

  test.each([
    ["schema 2, gzip", ["--format", "v2s2"], mediaTypes.dockerLayerGzip],
    ["OCI, gzip", ["--format", "oci"], mediaTypes.ociLayerGzip],
    ["OCI, zstd", ["--format", "oci", "--dest-compress-format", "zstd", "--dest-force-compress-format"], mediaTypes.ociLayerZstd],
  ])(
    "skopeo pushes %s, which we pull and push again as it is",
    async (title, flags, type) => {
      const name = `skopeo/${sha256(new TextEncoder().encode(title)).slice(7, 19)}`;
      await tool(...copy, ...flags, `docker-archive:${folder}/plain.tar`, `docker://${registry.host}/${name}:v1`);
      const { id, diffIds, types } = await pulled(`${name}:v1`);
      expect({ diffIds, types }).toEqual({ diffIds: plainDiffIds, types: [type, type] });
      await engine.images.verbs.tag(`${registry.host}/${name}:v1`, { repository: `${registry.host}/${name}`, tag: "again" });
      const { lines } = await collect(engine.images.verbs.push(`${registry.host}/${name}:again`, { signal: never }));
      expect(lines.at(-1)?.status).toContain(id);
    },
    120_000,
  );

  test("buildah takes what we pushed and pushes what we pull", async () => {
    const store = ["--storage-driver", "vfs", "--root", join(folder, "buildah"), "--runroot", join(folder, "buildah-run")];
    const buildah = (...args: readonly string[]): Promise<string> => tool("buildah", ...store, ...args);
    await buildah("pull", "--tls-verify=false", `docker://${registry.host}/ours:v1`);
    const shown = await buildah("images", "--format", "{{.Digest}}");
    expect(shown.trim()).toBe(parts.manifestDigest);
    const id = (await buildah("pull", `docker-archive:${folder}/plain.tar`)).trim().split("\n").at(-1) ?? "";
    await buildah("push", "--tls-verify=false", id, `docker://${registry.host}/from-buildah:v1`);
    expect((await pulled("from-buildah:v1")).diffIds).toEqual(plainDiffIds);
  }, 120_000);
});
