import { expect, test } from "bun:test";
import type { Digest, Table } from "#base";
import type { Descriptor, ImageManifest } from "#image";
import { ImageCatalog } from "./catalog.ts";
import type { ImageRow } from "./row.ts";

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const target = (letter: string): Descriptor => ({
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  digest: digest(letter),
  size: 1,
});
const platform = { os: "linux", architecture: "amd64" };
const manifest = (letter: string): ImageManifest => ({
  descriptor: target(letter),
  configDigest: digest("c"),
  platform,
  runtime: { user: "", env: [], workingDir: "", labels: {}, exposedPorts: [], volumes: [] },
  diffIds: [],
  history: [],
  layers: [],
  contentSize: 1,
  unpackedSize: 1,
});
const one = "docker.io/library/one:v1";
const two = "docker.io/library/two:v1";

/** A table whose disk can be told to refuse. */
class RefusingTable implements Table<ImageRow> {
  refuses = false;

  load(): Promise<readonly ImageRow[]> {
    return Promise.resolve([]);
  }

  put(): Promise<void> {
    return this.refuses ? Promise.reject(new Error("input/output error")) : Promise.resolve();
  }

  remove(): Promise<void> {
    return this.put();
  }
}

test("ImageCatalog: what the disk does not take has not happened", async () => {
  const table = new RefusingTable();
  const catalog = await ImageCatalog.open(table, platform);
  await catalog.put(target("a"), [manifest("a")], [one, two]);
  const before = catalog.all();
  table.refuses = true;
  const refused = [
    () => catalog.delete(digest("a")),
    () => catalog.untag(digest("a"), [two]),
    () => catalog.put(target("b"), [manifest("b")], [one]),
    () => catalog.put(target("a"), [], ["docker.io/library/three:v1"]),
  ];
  for (const change of refused) {
    expect(await change().catch(String)).toContain("input/output error");
    expect(catalog.all()).toEqual(before);
    expect([catalog.named(one)?.id, catalog.named(two)?.id, catalog.named("docker.io/library/three:v1")]).toEqual([
      digest("a"),
      digest("a"),
      undefined,
    ]);
  }
  table.refuses = false;
  await catalog.put(target("b"), [manifest("b")], [one]);
  expect([catalog.named(one)?.id, catalog.named(two)?.id]).toEqual([digest("b"), digest("a")]);
});
