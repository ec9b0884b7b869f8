import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { watch } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mediaTypes, type Platform } from "#image";
import { sha256 } from "../support/archive.ts";
import { Canary } from "../support/canary.ts";
import { collect, type ImagePlace, makeImagePlace } from "../support/image-place.ts";
import { imageParts, type ImageParts, indexOf, json } from "../support/image-parts.ts";
import { layerAttacks } from "../support/layer-attacks.ts";
import { waitFor } from "../support/wait-for.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";

const never = new AbortController().signal;
const nothing = { blobs: 0, layers: 0, spooled: 0 };
let registry: TestRegistry;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => await registry[Symbol.asyncDispose]());

async function push(repository: string, tag: string, parts: ImageParts): Promise<void> {
  for (const bytes of [...parts.layers, parts.config]) await registry.pushBlob(repository, bytes);
  const { mediaType } = JSON.parse(new TextDecoder().decode(parts.manifest)) as { mediaType: string };
  await registry.pushManifest(repository, tag, { mediaType, bytes: parts.manifest });
}

function content(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    return error;
  }
}

/** Names that come to be in a folder, of whatever length of life. */
function watchNames(folder: string): Disposable & { all(): Promise<readonly string[]> } {
  const names = new Set<string>();
  const watcher = watch(folder, (_, name) => void names.add(name ?? ""));
  return {
    all: async () => {
      const last = "the-last-one";
      await mkdir(join(folder, last));
      await waitFor(() => names.has(last), { what: "word of a folder" });
      return [...names].filter((name) => name !== last);
    },
    [Symbol.dispose]: () => watcher.close(),
  };
}

async function pull(place: ImagePlace, name: string): ReturnType<typeof collect> {
  return await collect(place.images.verbs.pull(`${registry.host}/${name}`, { signal: never }));
}

describe("pull()", () => {
  test.each([
    ["OCI, plain", { gzip: false, docker: false }],
    ["OCI, gzip", { gzip: true, docker: false }],
    ["Docker schema 2, gzip", { gzip: true, docker: true }],
  ])("fetches %s and tells it in Docker's words", async (title, form) => {
    await using place = await makeImagePlace();
    const parts = imageParts({ ...form, layers: [[{ name: "a", content: title }]] });
    const repository = `form/${sha256(content(title)).slice(7, 19)}`;
    await push(repository, "v1", parts);
    const layer = sha256(parts.layers[0] ?? content("")).slice(7, 19);
    const { lines, error } = await pull(place, `${repository}:v1`);
    expect(error).toBeUndefined();
    expect(lines).toEqual([
      { id: "v1", status: `Pulling from ${repository}` },
      { id: layer, status: "Pulling fs layer" },
      { id: layer, status: "Download complete" },
      { id: layer, status: "Extracting" },
      { id: layer, status: "Pull complete" },
      { status: `Digest: ${parts.manifestDigest}` },
      { status: `Status: Downloaded newer image for ${registry.host}/${repository}:v1` },
    ]);
    const { image, manifest } = place.images.verbs.get(`${registry.host}/${repository}:v1`);
    expect(image.digests).toEqual([`${registry.host}/${repository}@${parts.manifestDigest}`]);
    expect(await Bun.file(join(place.layers.lowerdir(manifest.diffIds[0] ?? parts.manifestDigest), "a")).text()).toBe(title);
    expect(place.events).toEqual([`pull ${registry.host}/${repository}:v1`]);
  });

  test("takes this machine's platform of an index, whose digest is the id, and another when it is asked for", async () => {
    await using place = await makeImagePlace();
    const images = {
      amd64: imageParts({ architecture: "amd64", layers: [[{ name: "arch", content: "amd64" }]] }),
      arm64: imageParts({ architecture: "arm64", layers: [[{ name: "arch", content: "arm64" }]] }),
    };
    const index = indexOf(images);
    for (const parts of Object.values(images)) await push("multi", parts.manifestDigest, parts);
    await registry.pushManifest("multi", "v1", { mediaType: mediaTypes.ociIndex, bytes: index });
    expect((await pull(place, "multi:v1")).error).toBeUndefined();
    const name = `${registry.host}/multi:v1`;
    expect(place.images.verbs.get(name).image.id).toBe(sha256(index));
    expect(place.images.resolveForCreate(name).manifest).toBe(images.amd64.manifestDigest);
    const arm64 = { os: "linux", architecture: "arm64" };
    await collect(place.images.verbs.pull(name, { platform: arm64, signal: never }));
    expect(place.images.resolveForCreate(name, arm64).manifest).toBe(images.arm64.manifestDigest);
    expect(place.images.verbs.list({}).length).toBe(1);
    const s390x = collect(place.images.verbs.pull(name, { platform: { os: "linux", architecture: "s390x" }, signal: never }));
    expect(await s390x).toMatchObject({
      lines: [],
      error: { fault: "not-found", message: expect.stringContaining("no matching manifest for linux/s390x") },
    });
  });

  test("keeps platforms side by side under one id, its own first, and lets each go alone", async () => {
    await using place = await makeImagePlace();
    const shared = { name: "shared", content: "shared" };
    const parts = (architecture: string): ImageParts =>
      imageParts({ architecture, layers: [[shared], [{ name: "own", content: architecture }]] });
    const images = { amd64: parts("amd64"), arm64: parts("arm64"), s390x: parts("s390x") };
    for (const one of Object.values(images)) await push("beside", one.manifestDigest, one);
    await registry.pushManifest("beside", "v1", { mediaType: mediaTypes.ociIndex, bytes: indexOf(images) });
    const name = `${registry.host}/beside:v1`;
    const linux = (architecture: string): Platform => ({ os: "linux", architecture });
    const { verbs } = place.images;
    const states: (string | undefined)[] = [];
    for (const architecture of ["arm64", "amd64", "s390x"]) {
      const { lines } = await collect(verbs.pull(name, { platform: linux(architecture), signal: never }));
      states.push(lines.at(-1)?.status);
    }
    const upToDate = `Status: Image is up to date for ${name}`;
    expect(states).toEqual([`Status: Downloaded newer image for ${name}`, upToDate, upToDate]);
    const platforms = (): string[] => verbs.get(name).image.manifests.map(({ platform }) => platform.architecture);
    expect(platforms()).toEqual(["amd64", "arm64", "s390x"]);
    expect((await verbs.entries(name)).map(({ platform }) => platform?.architecture)).toEqual(["amd64", "arm64", "s390x"]);
    expect(await place.stored()).toMatchObject({ blobs: 11, layers: 4 });

    const removal = { force: true, platforms: [linux("amd64")] };
    expect(await failure(verbs.remove(name, { ...removal, force: false }))).toMatchObject({ fault: "invalid" });
    expect(await verbs.remove(name, removal)).toEqual([{ deleted: images.amd64.manifestDigest }]);
    expect(platforms()).toEqual(["arm64", "s390x"]);
    expect(await place.stored()).toMatchObject({ blobs: 8, layers: 3 });
    expect(await failure(verbs.remove(name, removal))).toMatchObject({
      fault: "not-found",
      message: expect.stringContaining(`failed to delete platform linux/amd64 for image ${sha256(indexOf(images))}`),
    });
    const reopened = (await place.reopen()).verbs.get(name);
    expect(reopened.image.manifests.map(({ platform }) => platform.architecture)).toEqual(["arm64", "s390x"]);
    const rest = [linux("s390x"), linux("arm64")];
    expect(await verbs.remove(name, { force: true, platforms: rest })).toEqual([{ untagged: name }, { deleted: reopened.image.id }]);
    expect(await place.stored()).toEqual(nothing);
  });

  test("a second pull is up to date, one by digest needs no tag", async () => {
    await using place = await makeImagePlace();
    const parts = imageParts({ layers: [[{ name: "again", content: "1" }]] });
    await push("again", "v1", parts);
    await pull(place, "again:v1");
    expect((await pull(place, "again:v1")).lines.at(-1)).toEqual({ status: `Status: Image is up to date for ${registry.host}/again:v1` });
    const pinned = `again@${parts.manifestDigest}`;
    expect((await pull(place, pinned)).lines[0]).toEqual({ id: `${registry.host}/${pinned}`, status: "Pulling from again" });
    await place.images.verbs.remove(`${registry.host}/again:v1`, { force: false });
    expect(await place.stored()).toEqual(nothing);
  });

  test("P7 two pulls at once fetch and unpack what they share once", async () => {
    await using place = await makeImagePlace();
    const shared = { name: "shared", content: crypto.getRandomValues(new Uint8Array(30_000)).toHex() };
    const [one, two] = [1, 2].map((number) => imageParts({ layers: [[shared], [{ name: "own", content: `${number}` }]] }));
    if (one === undefined || two === undefined) throw new Error("two images");
    await push("one", "v1", one);
    await push("two", "v1", two);
    const requests: string[] = [];
    await using proxy = startProxy((path) => void requests.push(path));
    using unpackings = watchNames(join(place.dataRoot, "layers/ingest"));
    const results = await Promise.all(
      ["one:v1", "two:v1"].map((name) => collect(place.images.verbs.pull(`${proxy.host}/${name}`, { signal: never }))),
    );
    expect(results.map(({ error }) => error)).toEqual([undefined, undefined]);
    const digest = sha256(one.layers[0] ?? content(""));
    expect(requests.filter((path) => path.endsWith(digest)).length).toBe(1);
    // The shared layer and one of each image's own.
    expect((await unpackings.all()).length).toBe(3);
  });

  test("resumes a download that breaks off, from where it broke", async () => {
    await using place = await makeImagePlace();
    const parts = imageParts({ layers: [[{ name: "large", content: crypto.getRandomValues(new Uint8Array(400_000)).toHex() }]] });
    await push("breaks", "v1", parts);
    const ranges: (string | null)[] = [];
    await using proxy = startProxy((path, range) => {
      if (!path.endsWith(sha256(parts.layers[0] ?? content("")))) return undefined;
      ranges.push(range);
      return ranges.length === 1 ? 100_000 : undefined;
    });
    expect((await collect(place.images.verbs.pull(`${proxy.host}/breaks:v1`, { signal: never }))).error).toBeUndefined();
    expect(ranges[0]).toBeNull();
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
  });
});

describe("pull() that fails", () => {
  test.each([
    [
      "a tag that is not there",
      "present:nope",
      "not-found",
      (host: string) => `failed to resolve reference "${host}/present:nope": ${host}/present:nope: not found`,
    ],
    [
      "a repository that is not there",
      "absent:v1",
      "not-found",
      (host: string) => `failed to resolve reference "${host}/absent:v1": ${host}/absent:v1: not found`,
    ],
    ["an upper-case name", "PRESENT:v1", "invalid", () => "invalid reference format: repository name (PRESENT) must be lowercase"],
  ])("says so before the first line for %s", async (_, name, kind, message) => {
    await using place = await makeImagePlace();
    await push("present", "v1", imageParts({ layers: [[{ name: "a" }]] }));
    expect(await pull(place, name)).toMatchObject({ lines: [], error: { fault: kind, message: message(registry.host) } });
  });

  test("names what refused the connection", async () => {
    await using place = await makeImagePlace();
    const port = closedPort();
    const result = await collect(place.images.verbs.pull(`127.0.0.1:${port}/x:v1`, { signal: never }));
    expect(String(result.error)).toContain(`dial tcp 127.0.0.1:${port}: connect: connection refused`);
    expect(result.error).toMatchObject({ fault: "unavailable" });
  });

  test.each([
    ["other bytes of the same length", (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1)],
    ["fewer bytes", (bytes: Uint8Array) => bytes.slice(0, 700)],
    ["more bytes", (bytes: Uint8Array) => new Uint8Array([...bytes, 0])],
  ])("I09 leaves nothing of a blob with %s", async (title, damage) => {
    await using place = await makeImagePlace();
    const parts = imageParts({ layers: [[{ name: "intact", content: "1" }], [{ name: title, content: "2" }]] });
    const repository = `damaged/${sha256(content(title)).slice(7, 19)}`;
    await push(repository, "v1", parts);
    const layer = parts.layers[1] ?? content("");
    await writeFile(registry.blobPath(sha256(layer)), damage(layer));
    expect((await pull(place, `${repository}:v1`)).error).toMatchObject({ fault: expect.stringMatching(/^(invalid|unavailable)$/) });
    expect(place.images.verbs.list({})).toEqual([]);
    expect(await place.stored()).toEqual(nothing);
  });

  test("leaves nothing of a layer that is not what its config says", async () => {
    await using place = await makeImagePlace();
    await push("lies", "v1", imageParts({ gzip: true, layers: [[{ name: "lies" }]], diffIds: [sha256(content("other"))] }));
    expect((await pull(place, "lies:v1")).error).toMatchObject({ fault: "invalid" });
    expect(await place.stored()).toEqual(nothing);
  });

  test("leaves nothing when the reader goes away in the middle", async () => {
    await using place = await makeImagePlace();
    await push("left", "v1", imageParts({ layers: [[{ name: "a", content: "x".repeat(100_000) }]] }));
    for await (const line of place.images.verbs.pull(`${registry.host}/left:v1`, { signal: never })) {
      expect(line.status).toBe("Pulling from left");
      break;
    }
    expect(place.images.verbs.list({})).toEqual([]);
    expect(await place.stored()).toEqual(nothing);
  });

  test("A06 refuses a document that is a manifest and an index", async () => {
    await using place = await makeImagePlace();
    const both = json({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, manifests: [], layers: [], config: {} });
    await using server = serveManifest(both, mediaTypes.ociManifest);
    const result = await collect(place.images.verbs.pull(`${server.host}/both:v1`, { signal: never }));
    expect(String(result.error)).toContain("manifest is ambiguous");
  });

  test("A06 refuses a Content-Type that the document contradicts", async () => {
    await using place = await makeImagePlace();
    const { manifest } = imageParts({ layers: [] });
    await using server = serveManifest(manifest, mediaTypes.dockerManifest);
    const result = await collect(place.images.verbs.pull(`${server.host}/lies:v1`, { signal: never }));
    expect(String(result.error)).toContain("its descriptor says");
  });

  test("A07 a digest that another repository has is asked for at the one that was named", async () => {
    await using place = await makeImagePlace();
    const parts = imageParts({ layers: [[{ name: "private" }]] });
    await push("private", "v1", parts);
    await pull(place, "private:v1");
    expect((await pull(place, `evil@${parts.manifestDigest}`)).error).toMatchObject({ fault: "not-found" });
    expect(place.images.verbs.get(parts.manifestDigest).image.digests).toEqual([`${registry.host}/private@${parts.manifestDigest}`]);
  });

  test("A09 reads no more of a manifest than the cap", async () => {
    await using place = await makeImagePlace();
    await using server = serveManifest(new Uint8Array(5 * 1024 * 1024).fill(0x20), mediaTypes.ociManifest);
    const result = await collect(place.images.verbs.pull(`${server.host}/huge:v1`, { signal: never }));
    expect(String(result.error)).toContain("more than 4194304 bytes");
  });

  test("A01-A04 hostile layers touch nothing outside", async () => {
    await using place = await makeImagePlace();
    await using canary = await Canary.plant(join(place.around, "canary"), { patience: 60_000 });
    const attacks = layerAttacks({ canary: canary.path, relative: "../../../../canary" });
    for (const [number, { bytes }] of attacks.entries()) {
      await push("evil", `v${number}`, hostile(bytes));
      await pull(place, `evil:v${number}`);
    }
    expect(canary.violations({ trees: [place.dataRoot], texts: place.events })).toEqual([]);
  }, 60_000);
});

describe("HttpRegistry", () => {
  test("gets an anonymous token where it is asked for one, keeps it, and does not send it to where a blob is redirected", async () => {
    await using place = await makeImagePlace();
    const parts = imageParts({ layers: [[{ name: "token" }]] });
    await push("token", "v1", parts);
    const seen: { readonly tokens: string[]; readonly storage: (string | null)[] } = { tokens: [], storage: [] };
    await using storage = serve((request) => {
      seen.storage.push(request.headers.get("authorization"));
      return fetch(`${registry.origin}${new URL(request.url).pathname}`);
    });
    await using server = serve((request) => {
      const url = new URL(request.url);
      if (url.pathname === "/token") {
        seen.tokens.push(`${url.searchParams.get("service")} ${url.searchParams.get("scope")}`);
        return Response.json({ token: "anonymous" });
      }
      if (request.headers.get("authorization") !== "Bearer anonymous") {
        const challenge = `Bearer realm="http://${request.headers.get("host")}/token",service="svc",scope="repository:token:pull"`;
        return new Response("", { status: 401, headers: { "WWW-Authenticate": challenge } });
      }
      if (url.pathname.includes("/blobs/")) return Response.redirect(`http://${storage.host}${url.pathname}`, 307);
      return fetch(`${registry.origin}${url.pathname}`, { headers: { Accept: request.headers.get("accept") ?? "" } });
    });
    expect((await collect(place.images.verbs.pull(`${server.host}/token:v1`, { signal: never }))).error).toBeUndefined();
    expect(seen).toEqual({ tokens: ["svc repository:token:pull"], storage: [null, null] });
  });

  test("says that a password is wanted", async () => {
    await using place = await makeImagePlace();
    await using server = serve(() => new Response("", { status: 401, headers: { "WWW-Authenticate": 'Basic realm="r"' } }));
    const result = await collect(place.images.verbs.pull(`${server.host}/x:v1`, { signal: never }));
    expect(result.error).toMatchObject({ fault: "unavailable", message: expect.stringContaining("no basic auth credentials") });
  });
});

interface Served extends AsyncDisposable {
  readonly host: string;
}

function serve(answer: (request: Request) => Response | Promise<Response>): Served {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  return { host: `127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) };
}

function serveManifest(bytes: Uint8Array<ArrayBuffer>, mediaType: string): Served {
  return serve(() => new Response(bytes, { headers: { "Content-Type": mediaType } }));
}

/** The registry behind a server that sees each request and may break an answer off after some bytes. */
function startProxy(see: (path: string, range: string | null) => number | undefined): Served {
  return serve(async (request) => {
    const { pathname } = new URL(request.url);
    const range = request.headers.get("range");
    const limit = see(pathname, range);
    const answer = await fetch(`${registry.origin}${pathname}`, { headers: request.headers });
    if (limit === undefined) return answer;
    const bytes = new Uint8Array(await answer.arrayBuffer()).slice(0, limit);
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (controller.desiredSize === 1) controller.enqueue(bytes);
        controller.close();
      },
    });
    return new Response(broken, { headers: { "Content-Type": "application/octet-stream" } });
  });
}

function closedPort(): number {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const port = server.port ?? 0;
  void server.stop(true);
  return port;
}

function hostile(bytes: Uint8Array): ImageParts {
  const layer = new Uint8Array(bytes);
  const { layerType } = imageParts({ layers: [[]] });
  const config = json({ architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids: [sha256(layer)] } });
  const manifest = json({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: sha256(config), size: config.length },
    layers: [{ mediaType: layerType, digest: sha256(layer), size: layer.length }],
  });
  return { layers: [layer], layerType, config, manifest, manifestDigest: sha256(manifest) };
}
