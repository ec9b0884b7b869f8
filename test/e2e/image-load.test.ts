import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type ArchiveMember, archive, sha256 } from "../support/archive.ts";
import { Canary } from "../support/canary.ts";
import { collect, inPieces, makeImagePlace } from "../support/image-place.ts";
import { dockerArchive, imageParts, type ImageParts, json, layoutArchive } from "../support/image-parts.ts";
import { compressions, packed } from "../support/packed.ts";
import { layerAttacks } from "../support/layer-attacks.ts";

const never = new AbortController().signal;
const parts = imageParts({ docker: true, layers: [[{ name: "a", content: "lower" }], [{ name: "b", content: "upper" }]] });
const nothing = { blobs: 0, layers: 0, spooled: 0 };

describe("load()", () => {
  test("gives a Docker archive the id of the manifest that Docker's containerd store makes for it", async () => {
    await using place = await makeImagePlace();
    const { lines, error } = await collect(place.images.verbs.load(inPieces(dockerArchive(parts, ["old:v1", "old:v2"])), never));
    expect(error).toBeUndefined();
    expect(lines).toEqual([{ stream: "Loaded image: old:v1\n" }, { stream: "Loaded image: old:v2\n" }]);
    const { image, manifest } = place.images.verbs.get("old:v2");
    expect(image.id).toBe(parts.manifestDigest);
    expect(manifest.diffIds).toEqual(parts.layers.map(sha256));
    expect(await Bun.file(join(place.layers.lowerdir(sha256(parts.layers[1] ?? new Uint8Array())), "b")).text()).toBe("upper");
    expect(place.events).toEqual([`load ${parts.manifestDigest}`]);
    expect(await place.stored()).toEqual({ blobs: 4, layers: 2, spooled: 0 });
  });

  test("keeps layers that are gzip as they are, and tells an image without a name by its id", async () => {
    await using place = await makeImagePlace();
    const gzipped = imageParts({ docker: true, gzip: true, layers: [[{ name: "a", content: "x".repeat(200_000) }]] });
    const { lines } = await collect(place.images.verbs.load(inPieces(dockerArchive(gzipped, null)), never));
    expect(lines).toEqual([{ stream: `Loaded image ID: ${gzipped.manifestDigest}\n` }]);
    expect(place.images.verbs.get(gzipped.manifestDigest).manifest.layers[0]?.mediaType).toEndWith(".tar.gzip");
  });

  test.each(compressions)("reads an archive inside %s", async (compression) => {
    await using place = await makeImagePlace();
    const { error } = await collect(place.images.verbs.load(inPieces(packed(compression, dockerArchive(parts, ["z:1"]))), never));
    expect(error).toBeUndefined();
    expect(place.images.verbs.get("z:1").image.id).toBe(parts.manifestDigest);
  });

  test.each(compressions)("takes a layer that is %s, and keeps it in a form that has a media type", async (compression) => {
    await using place = await makeImagePlace();
    const layers = parts.layers.map((layer) => packed(compression, layer));
    const { error } = await collect(place.images.verbs.load(inPieces(dockerArchive({ ...parts, layers }, ["p:1"])), never));
    expect(error).toBeUndefined();
    const { manifest } = place.images.verbs.get("p:1");
    const isKept = compression === "gzip" || compression === "zstd";
    expect(manifest.layers).toMatchObject(
      (isKept ? layers : parts.layers).map((bytes) => ({
        digest: sha256(bytes),
        mediaType: `application/vnd.docker.image.rootfs.diff.tar${isKept ? `.${compression}` : ""}`,
      })),
    );
    expect(await Bun.file(join(place.layers.lowerdir(sha256(parts.layers[1] ?? new Uint8Array())), "b")).text()).toBe("upper");
    expect(await place.stored()).toEqual({ blobs: 4, layers: 2, spooled: 0 });
  });

  test("spools a large layer and leaves nothing of it", async () => {
    await using place = await makeImagePlace();
    const large = imageParts({
      docker: true,
      layers: [[{ name: "large", content: crypto.getRandomValues(new Uint8Array(60_000)).toHex() }]],
    });
    const { error } = await collect(place.images.verbs.load(inPieces(dockerArchive(large, ["large:1"]), 70_001), never));
    expect(error).toBeUndefined();
    expect(await place.stored()).toEqual({ blobs: 3, layers: 1, spooled: 0 });
  });

  test("unpacks every platform of an OCI layout and shows this machine's first", async () => {
    await using place = await makeImagePlace();
    const images = {
      arm64: imageParts({ architecture: "arm64", layers: [[{ name: "arch", content: "arm64" }]] }),
      amd64: imageParts({ architecture: "amd64", layers: [[{ name: "arch", content: "amd64" }]] }),
    };
    const { lines } = await collect(place.images.verbs.load(inPieces(layoutArchive(images, "docker.io/library/multi:v1")), never));
    expect(lines).toEqual([{ stream: "Loaded image: multi:v1\n" }]);
    const { image } = place.images.verbs.get("multi:v1");
    expect(image.manifests.map(({ platform }) => platform.architecture)).toEqual(["amd64", "arm64"]);
    expect(place.images.resolveForCreate("multi:v1").manifest).toBe(images.amd64.manifestDigest);
    expect(place.images.resolveForCreate("multi:v1", { os: "linux", architecture: "arm64" }).manifest).toBe(images.arm64.manifestDigest);
    expect(() => place.images.resolveForCreate("multi:v1", { os: "linux", architecture: "s390x" })).toThrow(
      "image with reference multi:v1 was found but does not provide the specified platform (linux/s390x)",
    );
  });

  test.each(["layout", "docker"])("takes the platform alone that was asked for, out of a %s archive", async (form) => {
    await using place = await makeImagePlace();
    const of = (architecture: string): ImageParts =>
      imageParts({ docker: form === "docker", architecture, layers: [[{ name: architecture }]] });
    const [arm64, amd64] = [of("arm64"), of("amd64")];
    const bytes = form === "layout" ? layoutArchive({ arm64, amd64 }, "docker.io/library/m:1") : dockerArchive(arm64, ["m:1"]);
    const other = await collect(place.images.verbs.load(inPieces(bytes), never, { os: "linux", architecture: "s390x" }));
    expect(String(other.error)).toContain("requested platform (linux/s390x) not found: image might be filtered out");
    expect(await place.stored()).toEqual(nothing);
    const { lines } = await collect(place.images.verbs.load(inPieces(bytes), never, { os: "linux", architecture: "arm64", variant: "v8" }));
    expect(lines).toEqual([{ stream: "Loaded image: m:1\n" }]);
    expect(place.images.verbs.get("m:1").image.manifests.map(({ descriptor }) => descriptor.digest)).toEqual([arm64.manifestDigest]);
    expect(await place.stored()).toEqual({ blobs: form === "layout" ? 4 : 3, layers: 1, spooled: 0 });
  });

  test("a name moves to the image that was loaded last, and both live on in the next daemon", async () => {
    await using place = await makeImagePlace();
    const other = imageParts({ docker: true, layers: [[{ name: "other", content: "2" }]] });
    await collect(place.images.verbs.load(inPieces(dockerArchive(parts, ["same:1"])), never));
    await collect(place.images.verbs.load(inPieces(dockerArchive(other, ["same:1"])), never));
    for (const images of [place.images, await place.reopen()]) {
      expect(images.verbs.get("same:1").image.id).toBe(other.manifestDigest);
      expect(images.verbs.get(parts.manifestDigest).image.tags).toEqual([]);
    }
  });
});

const configName = `${sha256(parts.config).slice(7)}.json`;
const manifestJson = (entry: object): ArchiveMember => ({ name: "manifest.json", content: JSON.stringify([entry]) });
const first = { name: "l/layer.tar", content: parts.layers[0] ?? "" };
const config = { name: configName, content: parts.config };
const valid = { Config: configName, RepoTags: ["x:1"], Layers: ["l/layer.tar"] };

const broken: readonly (readonly [string, Uint8Array, string])[] = [
  ["an empty body", new Uint8Array(0), "unrecognized image format"],
  ["text", new TextEncoder().encode("no tar ".repeat(200)), "invalid tar header"],
  ["a tar without an image", archive([{ name: "readme", content: "hi" }]), "unrecognized image format"],
  ["a tar that is cut", dockerArchive(parts, ["x:1"]).slice(0, 3_000), "unexpected EOF"],
  [
    "a gzip that is cut",
    Bun.gzipSync(dockerArchive(parts, ["x:1"])).slice(0, 150),
    "cannot decompress the archive: unexpected end of file",
  ],
  [
    "nothing but the head of xz",
    new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
    "cannot decompress the archive: unexpected end of file",
  ],
  ["A05 config-out-of-archive", archive([first, config, manifestJson({ ...valid, Config: "../../x.json" })]), "leaves the archive"],
  [
    "A05 layer-out-of-archive",
    archive([first, config, manifestJson({ ...valid, Layers: ["../../../canary/layer.tar"] })]),
    "leaves the archive",
  ],
  ["A05 layer-is-dot-dot", archive([first, config, manifestJson({ ...valid, Layers: [".."] })]), "leaves the archive"],
  ["A05 tag-with-dots", archive([first, config, manifestJson({ ...valid, RepoTags: ["../x:1"] })]), "invalid reference format"],
  ["A05 manifest-is-symlink", archive([{ name: "manifest.json", type: "symlink", linkName: "/etc/passwd" }]), "leaves the archive"],
  [
    "A05 manifest-is-climbing-symlink",
    archive([{ name: "manifest.json", type: "symlink", linkName: "../../etc/passwd" }]),
    "leaves the archive",
  ],
  ["A05 entry-out-of-archive", archive([{ name: "../../blobs", content: "x" }, first, config, manifestJson(valid)]), "leaves the archive"],
  ["A05 blob-under-a-false-digest", archive([{ name: `blobs/sha256/${"0".repeat(64)}`, content: "x" }]), "digest"],
  ["a layer that is not there", archive([config, manifestJson(valid)]), 'lacks the layer "l/layer.tar"'],
  ["a config that is not there", archive([first, manifestJson(valid)]), "lacks the config"],
  ["fewer layers than diff ids", archive([first, config, manifestJson(valid)]), "2 diff ids, 1 layers"],
  ["an entry twice", archive([config, config]), "twice"],
  [
    "A06 a key twice",
    archive([first, config, { name: "manifest.json", content: '[{"Config":"a","Config":"b"}]' }]),
    'the key "Config" twice',
  ],
  ["layers in the wrong order", swapped(), "is not compressed, yet its diff id is"],
];

function swapped(): Uint8Array {
  return dockerArchive({ ...parts, layers: parts.layers.toReversed() }, ["x:1"]);
}

describe("load() of what is no image", () => {
  test.each(broken)("refuses %s and leaves nothing", async (_, bytes, message) => {
    await using place = await makeImagePlace();
    const { lines, error } = await collect(place.images.verbs.load(inPieces(bytes), never));
    expect(String(error)).toContain(message);
    expect(["invalid", "unsupported"]).toContain((error as { fault?: string }).fault ?? "");
    expect({ lines, stored: await place.stored(), images: place.images.verbs.list({}) }).toEqual({
      lines: [],
      stored: nothing,
      images: [],
    });
  });

  test("a second load that fails takes nothing from the first image", async () => {
    await using place = await makeImagePlace();
    await collect(place.images.verbs.load(inPieces(dockerArchive(parts, ["x:1"])), never));
    const before = await place.stored();
    expect((await collect(place.images.verbs.load(inPieces(swapped()), never))).error).toBeDefined();
    expect(await place.stored()).toEqual(before);
  });

  test("an aborted load leaves nothing", async () => {
    await using place = await makeImagePlace();
    const gone = new AbortController();
    const bytes = dockerArchive(parts, ["x:1"]);
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (at > 2_048) gone.abort(new Error("client is gone"));
        controller.enqueue(bytes.slice(at, at + 1_024));
        at += 1_024;
      },
    });
    expect(String((await collect(place.images.verbs.load(body, gone.signal))).error)).toContain("client is gone");
    expect(await place.stored()).toEqual(nothing);
  });

  test("A01-A04 a hostile layer touches nothing outside, and an image of it holds nothing of the canary", async () => {
    await using place = await makeImagePlace();
    await using canary = await Canary.plant(join(place.around, "canary"));
    const target = { canary: canary.path, relative: "../../../../canary" };
    for (const { bytes } of layerAttacks(target)) {
      const image = hostile(new Uint8Array(bytes));
      await collect(place.images.verbs.load(inPieces(dockerArchive(image, ["evil:1"])), never));
    }
    expect(canary.violations({ trees: [place.dataRoot], texts: place.events })).toEqual([]);
  }, 60_000);
});

function hostile(layer: Uint8Array<ArrayBuffer>): ImageParts {
  const { layerType } = parts;
  const made = json({ architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids: [sha256(layer)] } });
  return { layers: [layer], layerType, config: made, manifest: new Uint8Array(), manifestDigest: sha256(made) };
}
