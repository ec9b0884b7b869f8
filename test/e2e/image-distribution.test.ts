// What registries tell of names: /distribution and /images/search, at a registry of the test's.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mediaTypes } from "#image";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { imageParts, indexOf } from "../support/image-parts.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";

let daemon: TestDaemon;
let registry: TestRegistry;

beforeAll(async () => {
  [daemon, registry] = await Promise.all([startDaemon(), startRegistry()]);
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

async function get(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const reply = await fetch(`http://localhost/v1.51${path}`, { unix: daemon.place.socket });
  return { status: reply.status, body: await reply.json() };
}

describe("GET /distribution/{name}/json", () => {
  test("tells descriptor and platforms of an index and of an image", async () => {
    const images = {
      amd64: imageParts({ layers: [[{ name: "a", content: "amd64" }]] }),
      arm64: imageParts({ architecture: "arm64", layers: [[{ name: "a", content: "arm64" }]] }),
    };
    for (const { layers, config, manifest, manifestDigest } of Object.values(images)) {
      for (const bytes of [...layers, config]) await registry.pushBlob("known", bytes);
      await registry.pushManifest("known", manifestDigest, { mediaType: mediaTypes.ociManifest, bytes: manifest });
    }
    const bytes = indexOf(images);
    const digest = await registry.pushManifest("known", "latest", { mediaType: mediaTypes.ociIndex, bytes });
    const linux = (architecture: string): object => ({ architecture, os: "linux" });
    const descriptor = { mediaType: mediaTypes.ociIndex, digest, size: bytes.length };
    expect(await get(`/distribution/${registry.host}/known/json`)).toEqual({
      status: 200,
      body: { Descriptor: descriptor, Platforms: [linux("amd64"), linux("arm64")] },
    });
    const { manifest, manifestDigest } = images.arm64;
    expect(await get(`/distribution/${registry.host}/known@${manifestDigest}/json`)).toEqual({
      status: 200,
      body: {
        Descriptor: { mediaType: mediaTypes.ociManifest, digest: manifestDigest, size: manifest.length },
        Platforms: [linux("arm64")],
      },
    });
    expect((await get("/images/json")).body).toEqual([]);
  });

  test("says what is not there, and names what is no name", async () => {
    const name = `${registry.host}/absent:latest`;
    expect(await get(`/distribution/${name}/json`)).toEqual({
      status: 404,
      body: { message: `failed to resolve reference "${name}": ${name}: not found` },
    });
    expect((await get("/distribution/127.0.0.1:1/x/json")).body).toMatchObject({
      message: expect.stringContaining("dial tcp 127.0.0.1:1: connect: connection refused"),
    });
  });
});

describe("search", () => {
  const results = [
    { name: "one/few", description: "little\nknown", star_count: 3, is_official: false, is_automated: true },
    { name: "many", description: "x".repeat(60), star_count: 900, is_official: true },
    { description: "no name" },
  ];
  const asked: string[] = [];
  let server: Bun.Server<undefined>;
  let host: string;

  beforeAll(() => {
    server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: ({ url, headers }) => {
        asked.push(`${new URL(url).search} ${headers.get("authorization") ?? "-"}`);
        return Response.json({ query: "x", num_results: 3, results });
      },
    });
    host = `127.0.0.1:${server.port}`;
  });
  afterAll(() => server.stop(true));

  test("asks the registry that the term names, and keeps what passes the filters", async () => {
    asked.length = 0;
    const all = await get(`/images/search?term=${host}/thing`);
    expect(all).toEqual({
      status: 200,
      body: [
        { star_count: 3, is_official: false, name: "one/few", is_automated: false, description: "little\nknown" },
        { star_count: 900, is_official: true, name: "many", is_automated: false, description: "x".repeat(60) },
      ],
    });
    const filters = (wanted: object): string => `filters=${encodeURIComponent(JSON.stringify(wanted))}`;
    const names = async (wanted: object): Promise<unknown> => {
      const { body } = await get(`/images/search?term=${host}/thing&limit=7&${filters(wanted)}`);
      return (body as { readonly name: string }[]).map(({ name }) => name);
    };
    expect(await names({ stars: ["4"] })).toEqual(["many"]);
    expect(await names({ "is-official": ["false"] })).toEqual(["one/few"]);
    expect(await names({ "is-automated": ["true"] })).toEqual([]);
    expect(asked).toEqual(["?q=thing&n=25 -", "?q=thing&n=7 -", "?q=thing&n=7 -"]);
  });

  test.each([
    ["term=x&limit=101", "limit 101 is outside the range of [1, 100]"],
    ["term=x&limit=a", 'invalid limit specified: strconv.Atoi: parsing "a": invalid syntax'],
    ['term=x&filters={"stars":["x"]}', `invalid filter 'stars=x': strconv.Atoi: parsing "x": invalid syntax`],
    ['term=x&filters={"is-official":["x"]}', "invalid filter 'is-official=[x]'"],
    ['term=x&filters={"foo":["1"]}', "invalid filter 'foo'"],
    ["term=https://x/y", "invalid repository name: repository name (https://x/y) should not have a scheme"],
  ])("refuses %s in Docker's words", async (query, message) => {
    expect(await get(`/images/search?${encodeURI(query)}`)).toEqual({ status: 400, body: { message } });
  });

  test("an index that does not answer is one sentence with its host", async () => {
    expect(await get("/images/search?term=127.0.0.1:1/x")).toEqual({
      status: 500,
      body: { message: 'Get "http://127.0.0.1:1/v1/search?q=x&n=25": dial tcp 127.0.0.1:1: connect: connection refused' },
    });
    expect(await get(`/images/search?term=${registry.host}/x`)).toEqual({
      status: 500,
      body: { message: `registry ${registry.host} cannot be searched: unexpected status code 404` },
    });
  });

  test("the command prints Docker's table, most stars first", async () => {
    expect((await daemon.gantry(["search", `${host}/thing`])).stdout).toBe(
      [
        "NAME      DESCRIPTION                                     STARS     OFFICIAL",
        `many      ${"x".repeat(44)}…   900       [OK]`,
        "one/few   little known                                    3         ",
        "",
      ].join("\n"),
    );
    const format = "{{.Name}} {{.StarCount}} {{.IsOfficial}}";
    expect((await daemon.gantry(["search", "--format", format, "--filter", "stars=5", `${host}/thing`])).stdout).toBe("many 900 [OK]\n");
  });
});
