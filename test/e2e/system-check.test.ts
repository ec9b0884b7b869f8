// I08: what a disk spoils is found, and comes back from where it came from.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, truncateSync, utimesSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Database } from "bun:sqlite";
import { hexOf, type Digest } from "#base";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { type ImagePlace, collect, inPieces, makeImagePlace } from "../support/image-place.ts";
import { dockerArchive, imageParts, type ImageParts } from "../support/image-parts.ts";
import { loadImage } from "../support/images.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { waitFor } from "../support/wait-for.ts";

const never = new AbortController().signal;
let registry: TestRegistry;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => await registry[Symbol.asyncDispose]());

const image = (name: string): ImageParts =>
  imageParts({
    gzip: true,
    layers: [
      [{ name: "shared", content: "s".repeat(9_000) }],
      [
        { name: "etc/own", content: name.repeat(5_000) },
        { type: "directory", name: "d" },
      ],
    ],
  });

async function push(repository: string, parts: ImageParts): Promise<void> {
  for (const bytes of [...parts.layers, parts.config]) await registry.pushBlob(repository, bytes);
  const { mediaType } = JSON.parse(new TextDecoder().decode(parts.manifest)) as { readonly mediaType: string };
  await registry.pushManifest(repository, "v1", { mediaType, bytes: parts.manifest });
}

async function pull(place: ImagePlace, repository: string): Promise<readonly (string | undefined)[]> {
  const { lines, error } = await collect(place.images.verbs.pull(`${registry.host}/${repository}:v1`, { signal: never }));
  expect(error).toBeUndefined();
  return lines.map(({ status }) => status);
}

async function check(place: ImagePlace, heal = false): ReturnType<ImagePlace["images"]["check"]> {
  return await place.images.check({ heal, signal: never });
}

/** Two images that share a layer, from a registry. */
async function placeWithTwo(): Promise<ImagePlace> {
  const place = await makeImagePlace();
  for (const name of ["one", "two"]) {
    await push(name, image(name));
    await pull(place, name);
  }
  return place;
}

const blobFile = ({ dataRoot }: ImagePlace, digest: Digest): string => join(dataRoot, "content/sha256", hexOf(digest));
const layerFile = ({ dataRoot }: ImagePlace, digest: Digest, name: string): string => join(dataRoot, "layers", hexOf(digest), "tree", name);

function flip(path: string): void {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  const at = Math.floor(Math.random() * bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8));
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

const damages: readonly (readonly [string, (path: string) => void])[] = [
  ["flipped", flip],
  ["cut", (path): void => truncateSync(path, Math.floor(statSync(path).size / 2))],
  ["gone", (path): void => rmSync(path)],
];

describe("check()", () => {
  test("finds nothing wrong with what is whole, and changes nothing", async () => {
    await using place = await placeWithTwo();
    const before = await place.stored();
    expect(await check(place)).toEqual({ blobs: 7, layers: 3, unjudged: 0, flaws: [], plan: [], outcomes: [] });
    expect(await check(place, true)).toMatchObject({ flaws: [], outcomes: [] });
    expect(await place.stored()).toEqual(before);
  });

  test.each(damages)("I08 finds each blob that is %s, and fetches it again without touching another", async (_, damage) => {
    await using place = await placeWithTwo();
    for (const digest of await place.content.list()) {
      damage(blobFile(place, digest));
      const { flaws, outcomes } = await check(place);
      expect({ flawed: flaws.filter(({ problem }) => problem !== "unknown").map(({ item }) => item), outcomes }).toEqual({
        flawed: [{ kind: "blob", digest }],
        outcomes: [],
      });
      const healed = await check(place, true);
      expect(healed.outcomes.filter(({ failure }) => failure !== undefined)).toEqual([]);
      expect((await check(place)).flaws).toEqual([]);
    }
    expect(place.images.verbs.list({})).toHaveLength(2);
  });

  test.each(damages)("I08 finds each layer with a file that is %s, and unpacks it again", async (_, damage) => {
    await using place = await placeWithTwo();
    for (const { diffId } of await place.layers.list()) {
      const [file = ""] = ["shared", "etc/own"].filter((name) =>
        readdirSync(layerFile(place, diffId, ".")).includes(name.split("/")[0] ?? ""),
      );
      damage(layerFile(place, diffId, file));
      const { flaws } = await check(place);
      expect(flaws.map(({ item, problem }) => ({ item, problem }))).toEqual([
        { item: { kind: "layer", digest: diffId }, problem: "damaged" },
      ]);
      await check(place, true);
      expect((await check(place)).flaws).toEqual([]);
    }
  });

  test("names what it cannot heal, keeps a damaged layer for its containers, and a pull brings it all back", async () => {
    await using place = await placeWithTwo();
    const { layers, manifestDigest } = image("one");
    const [manifest] = place.images.verbs.get(manifestDigest).image.manifests;
    const [blob] = [manifest?.layers[1]?.digest].filter((digest) => digest !== undefined);
    const [diffId] = [manifest?.diffIds[1]].filter((digest) => digest !== undefined);
    if (blob === undefined || diffId === undefined) throw new Error("an image of two layers");
    flip(blobFile(place, blob));
    flip(layerFile(place, diffId, "etc/own"));
    rmSync(registry.blobPath(blob));
    const { flaws, outcomes } = await check(place, true);
    expect(flaws.map(({ item, problem, usedBy }) => [item.kind, problem, usedBy])).toEqual([
      ["blob", "damaged", [`${registry.host}/one:v1`]],
      ["layer", "unknown", [`${registry.host}/one:v1`]],
    ]);
    expect(outcomes.map(({ action, failure }) => [action, failure === undefined])).toEqual([
      ["drop", true],
      ["fetch", false],
      ["unpack", false],
    ]);
    expect(await place.layers.has(diffId)).toBe(true);
    expect(place.images.verbs.list({})).toHaveLength(2);
    await registry.pushBlob("one", layers[1] ?? new Uint8Array());
    expect(await pull(place, "one")).toContain("Download complete");
    expect((await check(place, true)).outcomes.map(({ failure }) => failure)).toEqual([undefined]);
    expect(readFileSync(layerFile(place, diffId, "etc/own"), "utf8")).toBe("one".repeat(5_000));
    expect((await check(place)).flaws).toEqual([]);
  });

  test("a pull alone brings back what is gone", async () => {
    await using place = await placeWithTwo();
    for (const { digest } of place.images.verbs.get(image("one").manifestDigest).manifest.layers) rmSync(blobFile(place, digest));
    rmSync(blobFile(place, image("one").manifestDigest));
    await pull(place, "one");
    expect((await check(place)).flaws).toEqual([]);
    expect(await pull(place, "one")).toEqual([
      "Pulling from one",
      expect.stringContaining("Digest: "),
      expect.stringContaining("is up to date"),
    ]);
  });

  test("finds what a crash has left behind, and removes it", async () => {
    await using place = await placeWithTwo();
    const bytes = new TextEncoder().encode("nobody's");
    const digest: Digest = `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
    await place.content.ingest({ digest }, new Blob([bytes]).stream());
    const { flaws } = await check(place);
    expect(flaws).toEqual([{ item: { kind: "blob", digest }, problem: "unused", reason: "", usedBy: [] }]);
    await check(place, true);
    expect(await place.content.stat(digest)).toBeUndefined();
  });

  test("refuses to run twice at once, and can be given up", async () => {
    await using place = await placeWithTwo();
    const first = check(place);
    expect(await check(place).catch(String)).toContain("a check is already running");
    await first;
    const stop = AbortSignal.abort(new Error("changed my mind"));
    expect(await place.images.check({ heal: false, signal: stop }).catch(String)).toContain("changed my mind");
    expect((await check(place)).flaws).toEqual([]);
  });
});

describe("gantry system check", () => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await startDaemon({ flags: ["--storage-driver=directory"] });
    await loadImage(daemon.place.socket, "hello-world");
  }, 30_000);
  afterAll(() => daemon[Symbol.asyncDispose]());

  test("says that all is well, what is not, and what it cannot mend", async () => {
    const well = await daemon.gantry(["system", "check"]);
    expect(well).toMatchObject({ code: 0, stdout: "7 blobs and 2 layers read, 0 flaws\n" });
    const layers = join(daemon.place.dataRoot, "layers");
    const [layer = ""] = readdirSync(layers).filter((name) => name !== "ingest");
    flip(join(layers, layer, "tree/hello"));
    const found = await daemon.gantry(["system", "check"]);
    expect(found.code).toBe(1);
    expect(found.stdout).toContain(`damaged layer sha256:${layer} (hello-world:latest): "hello": its bytes differ`);
    expect(found.stdout).toContain(`system check --repair would:\n#1 unpack layer sha256:${layer}: damaged: "hello"`);
    const healed = await daemon.gantry(["system", "check", "--repair"]);
    expect([healed.code, healed.stdout.includes(" - done\n")]).toEqual([0, true]);
    expect((await daemon.gantry(["system", "check", "--json"])).stdout).toBe(
      '{"Checked":{"Blobs":7,"Layers":2},"Database":[],"Flaws":[],"Steps":[]}\n',
    );
    const blobs = join(daemon.place.dataRoot, "content/sha256");
    for (const name of readdirSync(blobs)) truncateSync(join(blobs, name), 0);
    const lost = await daemon.gantry(["system", "check", "--repair"]);
    expect(lost.code).toBe(1);
    expect(lost.stdout.match(/ - failed: /g)?.length).toBeGreaterThan(2);
    // It still runs, and the same archive makes it whole.
    expect((await daemon.gantry(["run", "--rm", "--network=none", "hello-world"])).stdout).toContain("Hello");
    await loadImage(daemon.place.socket, "hello-world");
    expect((await daemon.gantry(["system", "check"])).code).toBe(0);
  });

  test("a daemon starts with a layer that is gone, and says what is missing", async () => {
    const layers = join(daemon.place.dataRoot, "layers");
    const [layer = ""] = readdirSync(layers).filter((name) => name !== "ingest");
    rmSync(join(layers, layer, "layer.json"));
    await daemon.kill();
    await daemon.start();
    expect((await daemon.gantry(["system", "check"])).stdout).toContain(`missing layer sha256:${layer} (hello-world:latest)`);
    expect((await daemon.gantry(["system", "check", "--repair"])).code).toBe(0);
    expect((await daemon.gantry(["run", "--rm", "--network=none", "hello-world"])).stdout).toContain("Hello");
  });
});

test("I08 a daemon starts without rows that the disk has spoiled, names them, and keeps what they were about until it is told to forget", async () => {
  await using daemon = await startDaemon({ flags: ["--storage-driver=directory"] });
  await loadImage(daemon.place.socket, "hello-world");
  const id = (await daemon.gantry(["create", "--name=spoiled", "--network=none", "hello-world"])).stdout.trim();
  expect((await daemon.gantry(["create", "--name=sound", "--network=none", "hello-world"])).code).toBe(0);
  await daemon.kill();
  {
    using database = new Database(join(daemon.place.dataRoot, "state.db"));
    database.run("UPDATE containers SET row = replace(row, 'spoiled', 'spoi1ed')");
    database.run("UPDATE images SET row = replace(row, 'hello-world', 'hello-w0rld')");
  }
  await daemon.start();
  const folders = (): readonly string[] => readdirSync(join(daemon.place.dataRoot, "containers"));
  const blobs = readdirSync(join(daemon.place.dataRoot, "content/sha256")).length;
  expect((await daemon.gantry(["ps", "-a", "--format={{.Names}}"])).stdout).toBe("sound\n");
  expect((await daemon.gantry(["start", "-a", "sound"])).stdout).toContain("Hello");
  const info = await daemon.gantry(["info"]);
  expect(info.stderr).toContain(`a row of the state database was lost: containers/${id} (kept in state.db.damaged-1)`);
  const found = await daemon.gantry(["system", "check"]);
  expect(found.code).toBe(1);
  expect(found.stdout).toContain(`lost row containers/${id}: it is not what was written (kept in state.db.damaged-1)`);
  expect(found.stdout).toMatch(/#\d forget row images\/sha256:/);
  // Another start, and everything is still there.
  await daemon.kill();
  await daemon.start();
  expect([folders().includes(id), readdirSync(join(daemon.place.dataRoot, "content/sha256")).length]).toEqual([true, blobs]);
  expect((await daemon.gantry(["rm", "sound"])).code).toBe(0);
  const healed = await daemon.gantry(["system", "check", "--repair"]);
  // Two rows are forgotten, and the blobs and layers that nobody names now go.
  expect([healed.code, healed.stdout.match(/ - done$/gm)?.length]).toEqual([0, 2 + blobs + 2]);
  expect((await daemon.gantry(["info"])).stderr).not.toContain("was lost");
  await daemon.kill();
  await daemon.start();
  await waitFor(() => !folders().includes(id), { what: "the end of the folder that no row names" });
  expect((await daemon.gantry(["system", "check"])).code).toBe(0);
}, 60_000);

test("load() of an image that is here makes it whole again", async () => {
  await using place = await makeImagePlace();
  const parts = imageParts({ layers: [[{ name: "a", content: "1" }]] });
  const archive = dockerArchive(parts, ["a:latest"]);
  expect((await collect(place.images.verbs.load(inPieces(archive), never))).error).toBeUndefined();
  for (const digest of await place.content.list()) rmSync(blobFile(place, digest));
  expect((await check(place)).flaws.length).toBe(4);
  expect((await collect(place.images.verbs.load(inPieces(archive), never))).error).toBeUndefined();
  expect((await check(place)).flaws).toEqual([]);
});
