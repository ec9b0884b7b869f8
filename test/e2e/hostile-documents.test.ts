// Manifests and configs that lie, from a registry, through the real daemon: refused with a status, nothing kept, the daemon the same.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mediaTypes } from "#image";
import { archive, rewritten, sha256 } from "../support/archive.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { DocumentServer, endless, pullMutants } from "../support/document-server.ts";
import { dockerArchive, imageParts, indexOf, json } from "../support/image-parts.ts";
import { loadArchive } from "../support/planted-image.ts";

setDefaultTimeout(60_000);

const image = imageParts({ gzip: true, layers: [[{ name: "a", content: "1" }]] });
const document = JSON.parse(new TextDecoder().decode(image.manifest)) as { readonly config: object; readonly layers: readonly object[] };
const types = [mediaTypes.ociManifest, mediaTypes.dockerManifest, mediaTypes.ociIndex, mediaTypes.dockerIndex];

let server: DocumentServer;
let daemon: TestDaemon;
let pid: number;

beforeAll(async () => {
  server = new DocumentServer(image);
  daemon = await startDaemon();
  ({ pid } = daemon);
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  server[Symbol.dispose]();
});

/** The status and words of a pull. */
async function pull(tag = "v1"): Promise<{ readonly status: number; readonly text: string }> {
  const separator = tag.startsWith("sha256:") ? "@" : ":";
  const name = encodeURIComponent(`${server.host}/evil${separator}${tag}`);
  const reply = await daemon.request(`/images/create?fromImage=${name}`, { method: "POST" });
  return { status: reply.status, text: await reply.text() };
}

async function expectNothing(): Promise<void> {
  expect(await (await daemon.request("/images/json")).json()).toEqual([]);
  expect(daemon.pid).toBe(pid);
}

describe("A06 an ambiguous document", () => {
  const both = { schemaVersion: 2, config: document.config, layers: document.layers, manifests: [] };
  const plain = { schemaVersion: 2, config: document.config, layers: document.layers };
  const documents: readonly (readonly [string, Uint8Array<ArrayBuffer>, readonly string[]])[] = [
    ["with manifests and layers", json(both), []],
    ["that says it is a manifest and has both", json({ ...both, mediaType: mediaTypes.ociManifest }), []],
    ["a manifest that says so", image.manifest, [mediaTypes.ociManifest]],
    ["an index that says so", indexOf({ s390x: image }), []],
    ["a manifest that says nothing", json(plain), [mediaTypes.ociManifest, mediaTypes.dockerManifest]],
  ];

  test.each(documents)("%s is refused under every type but its own", async (_, bytes, taken) => {
    for (const type of types) {
      server.manifest = { bytes, type };
      const { status } = await pull();
      expect({ type, taken: status === 200 }).toEqual({ type, taken: taken.includes(type) });
      if (status === 200) await daemon.request(`/images/${server.host}/evil:v1`, { method: "DELETE" });
      else expect(status).toBeWithin(400, 500);
    }
    await expectNothing();
  });

  test.each([
    ["layers", `{"schemaVersion":2,"layers":[],"config":${JSON.stringify(document.config)},"layers":${JSON.stringify(document.layers)}}`],
    ["digest", JSON.stringify(document).replace('"digest":', `"digest":"sha256:${"0".repeat(64)}","digest":`)],
  ])("that says %s twice is refused", async (key, text) => {
    server.manifest = { bytes: new TextEncoder().encode(text), type: mediaTypes.ociManifest };
    const { status, text: said } = await pull();
    expect({ status, said }).toEqual({ status: 400, said: expect.stringContaining(`says the key \\"${key}\\" twice`) });
    await expectNothing();
  });

  test.each([mediaTypes.ociIndex, mediaTypes.ociManifest, mediaTypes.ociLayerGzip, "text/html", ""])(
    "whose config says it is %j is no image",
    async (mediaType) => {
      server.manifest = { bytes: json({ ...document, config: { ...document.config, mediaType } }), type: mediaTypes.ociManifest };
      expect((await pull()).text).toMatch(/is not a container image/);
      await expectNothing();
    },
  );
});

test("A07 a digest that a local image has is asked for where it was named", async () => {
  expect(await loadArchive(daemon, dockerArchive(imageParts({ docker: true, layers: [[{ name: "own" }]] }), ["private:1"]))).toContain(
    "private:1",
  );
  const { Id } = (await (await daemon.request("/images/private:1/json")).json()) as { readonly Id: string };
  server.manifest = undefined;
  expect((await pull(Id)).status).toBe(404);
  const after = (await (await daemon.request("/images/private:1/json")).json()) as { readonly RepoDigests: readonly string[] };
  expect(after.RepoDigests.filter((name) => name.includes("evil"))).toEqual([]);
  await daemon.request("/images/private:1", { method: "DELETE" });
  await expectNothing();
});

test("A08 200 mutants of a manifest or config are refused or taken, by the same process", async () => {
  await pullMutants(daemon, server, { parts: image, seed: 11, count: 200 });
  await expectNothing();
});

describe("A09 what says it is enormous", () => {
  /** Memory of the daemon in MiB. */
  const memory = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid}/status`, "utf8"))?.[1]) / 1024;

  async function expectBounded(work: () => Promise<void>): Promise<void> {
    const before = memory();
    await work();
    expect(memory() - before).toBeLessThan(64);
    await expectNothing();
  }

  test.each(types)("as %s is read up to 4 MiB", async (type) => {
    await expectBounded(async () => {
      server.manifest = { bytes: endless(), type };
      const { status, text } = await pull();
      expect({ status, text }).toEqual({ status: expect.any(Number), text: expect.stringContaining("more than 4194304 bytes") });
      expect(status).not.toBe(200);
    });
  });

  test("a config is not asked for when it says so, and left when it does not", async () => {
    await expectBounded(async () => {
      const huge = { ...document.config, digest: sha256(json("huge")), size: 1024 ** 3 };
      server.manifest = { bytes: json({ ...document, config: huge }), type: mediaTypes.ociManifest };
      server.blobs.set(huge.digest, endless);
      expect((await pull()).text).toContain("larger than 8388608 bytes");
      server.manifest = { bytes: json({ ...document, config: { ...huge, size: 100 } }), type: mediaTypes.ociManifest };
      expect((await pull()).text).toMatch(/"error"/);
    });
  });

  test.each([
    ["a pax header of 8 GiB", "x", "\u0080\0\0\0\0\0\0\u0002\0\0\0\0"],
    ["a long link of 4 GiB", "K", "\u0080\0\0\0\0\0\0\u0001\0\0\0\0"],
    ["a long name of 4 GiB", "L", "\u0080\0\0\0\0\0\0\u0001\0\0\0\0"],
  ])("%s is refused by its first block", async (_, flag, size) => {
    await expectBounded(async () => {
      const header = rewritten(archive([{ name: "extension" }]).slice(0, 512), [
        { at: 124, bytes: size },
        { at: 156, bytes: flag },
      ]);
      const layer = new Uint8Array([...header, ...new Uint8Array(1024)]);
      const parts = imageParts({ docker: true, layers: [], diffIds: [sha256(layer)] });
      expect(await loadArchive(daemon, dockerArchive({ ...parts, layers: [layer] }, ["huge:1"]))).toContain("extended header of");
    });
  });
});
