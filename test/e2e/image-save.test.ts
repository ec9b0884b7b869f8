import { describe, expect, test } from "bun:test";
import type { Images } from "#engine";
import { type ArchiveMember, archive, sha256 } from "../support/archive.ts";
import { collect, type ImagePlace, inPieces, makeImagePlace } from "../support/image-place.ts";
import { dockerArchive, imageParts, layoutArchive } from "../support/image-parts.ts";
import { startRegistry } from "../support/registry.ts";

const signal = new AbortController().signal;
const noise = crypto.getRandomValues(new Uint8Array(60_000)).toHex();
const images = {
  amd64: imageParts({
    gzip: true,
    architecture: "amd64",
    layers: [[{ name: "arch", content: "amd64" }], [{ name: "noise", content: noise }]],
  }),
  arm64: imageParts({ gzip: true, architecture: "arm64", layers: [[{ name: "arch", content: "arm64" }]] }),
};

async function loaded(place: ImagePlace, bytes: Uint8Array): Promise<void> {
  const { error } = await collect(place.images.verbs.load(inPieces(bytes), signal));
  expect(error).toBeUndefined();
}

async function saved({ verbs }: Images, names: readonly string[], options: { readonly platform?: string } = {}): Promise<Buffer> {
  const platform = options.platform === undefined ? {} : { platform: { os: "linux", architecture: options.platform } };
  return Buffer.concat(await Array.fromAsync(verbs.save(names, { ...platform, signal })));
}

describe("save()", () => {
  test("writes what load() takes: every name, platform, digest and id is as it was", async () => {
    await using place = await makeImagePlace();
    await loaded(place, layoutArchive(images, "docker.io/library/multi:1"));
    await loaded(place, dockerArchive(imageParts({ docker: true, layers: [[{ name: "a" }]] }), ["old:1", "old:2"]));
    const names = ["multi:1", "old:1", "old:2"];
    const bytes = await saved(place.images, names);
    await using other = await makeImagePlace();
    await loaded(other, bytes);
    for (const name of names) {
      const [was, is] = [place, other].map(({ images: { verbs } }) => verbs.get(name).image);
      expect({ ...is, taggedAt: 0 }).toEqual({ ...was, taggedAt: 0 });
    }
    expect(await saved(other.images, names)).toEqual(bytes);
    expect(place.events.filter((line) => line.startsWith("save"))).toHaveLength(3);
    expect(await place.stored()).toEqual(await other.stored());
  });

  test("of one platform has the blobs of that one alone, under the image's name", async () => {
    await using place = await makeImagePlace();
    await loaded(place, layoutArchive(images, "docker.io/library/multi:1"));
    await using other = await makeImagePlace();
    await loaded(other, await saved(place.images, ["multi:1"], { platform: "arm64" }));
    expect(other.images.verbs.get("multi:1").image.id).toBe(images.arm64.manifestDigest);
    expect(await other.stored()).toEqual({ blobs: 3, layers: 1, spooled: 0 });
    expect(saved(place.images, ["multi:1"], { platform: "s390x" })).rejects.toThrow(
      "no suitable export target found: image with reference multi:1 was found but does not provide the specified platform (linux/s390x)",
    );
  });

  test("keeps an image whole while it is read, and lets go of it with its reader", async () => {
    await using place = await makeImagePlace();
    await loaded(place, layoutArchive(images, "docker.io/library/multi:1"));
    const reader = place.images.verbs.save(["multi:1"], { signal })[Symbol.asyncIterator]();
    const pieces = [(await reader.next()).value];
    await place.images.verbs.remove("multi:1", { force: false });
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) pieces.push(next.value);
    await using other = await makeImagePlace();
    await loaded(other, Buffer.concat(pieces));
    expect(await place.stored()).toEqual({ blobs: 0, layers: 0, spooled: 0 });
  });

  test("fetches a blob that was not needed for the pull, and names one that is not to be had", async () => {
    const member: ArchiveMember = { name: "same", content: "same" };
    const plain = imageParts({ layers: [[member]] });
    const packed = imageParts({ gzip: true, layers: [[member]] });
    await using place = await makeImagePlace();
    await loaded(place, layoutArchive({ amd64: plain }, "docker.io/library/plain:1"));
    let host: string;
    {
      await using registry = await startRegistry();
      host = registry.host;
      for (const bytes of [...packed.layers, packed.config]) await registry.pushBlob("packed", bytes);
      await registry.pushManifest("packed", "1", { mediaType: "application/vnd.oci.image.manifest.v1+json", bytes: packed.manifest });
      await collect(place.images.verbs.pull(`${host}/packed:1`, { signal }));
      const digest = sha256(packed.layers[0] ?? new Uint8Array());
      expect(await place.content.stat(digest)).toBeUndefined();
      await using other = await makeImagePlace();
      await loaded(other, await saved(place.images, [`${host}/packed:1`]));
      expect(other.images.verbs.get(`${host}/packed:1`).image.id).toBe(packed.manifestDigest);
      await place.content.remove(digest);
    }
    await place.content.remove(sha256(packed.config));
    expect(saved(place.images, [`${host}/packed:1`])).rejects.toThrow(
      /^content sha256:\w+ of image sha256:\w+ is not here and cannot be fetched again: /,
    );
  });

  test("of nothing is an archive without images, and of an unknown name nothing at all", async () => {
    await using place = await makeImagePlace();
    const empty = archive([
      { name: "index.json", content: '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}' },
      { name: "oci-layout", mode: 0o444, content: '{"imageLayoutVersion":"1.0.0"}' },
    ]);
    expect(await saved(place.images, [])).toEqual(Buffer.from(empty));
    expect(saved(place.images, ["absent"])).rejects.toThrow("No such image: absent:latest");
  });
});
