import { hexOf, isDigest } from "#base";
import { describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { archive, sha256 } from "../support/archive.ts";
import { makeStorePlace } from "../support/store-place.ts";
import { layerStoreContract } from "./layer-store.ts";

layerStoreContract("DirectoryLayerStore", async () => {
  const place = await makeStorePlace();
  const store = await place.openLayers();
  const layers = join(place.dataRoot, "layers");
  return {
    store,
    spool: async (bytes) => {
      const path = join(place.around, `spool-${crypto.randomUUID()}`);
      await writeFile(path, bytes);
      return path;
    },
    debris: async () => {
      const names = [...(await readdir(layers)), ...(await readdir(join(layers, "ingest")))];
      return names.filter((name) => name !== "ingest" && !isDigest(`sha256:${name}`));
    },
    read: async (diffId, name) => {
      const file = Bun.file(join(store.lowerdir(diffId), name));
      return (await file.exists()) ? await file.text() : undefined;
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
});

describe("DirectoryLayerStore", () => {
  const layer = archive([{ name: "d/f", content: "hello" }]);
  const diffId = sha256(layer);

  test("open() knows the layers of an earlier daemon, and throws away what is none", async () => {
    await using place = await makeStorePlace();
    const path = join(place.around, "layer.tar");
    await writeFile(path, layer);
    await (await place.openLayers()).unpack({ diffId, path, mediaType: "" });
    const layers = join(place.dataRoot, "layers");
    await mkdir(join(layers, "ingest/half/tree/d"), { recursive: true });
    for (const [name, record] of [
      ["a", "{"],
      ["b", "{}"],
      ["c", undefined],
    ] as const) {
      await mkdir(join(layers, name.repeat(64), "tree"), { recursive: true });
      if (record !== undefined) await writeFile(join(layers, name.repeat(64), "layer.json"), record);
    }
    const again = await place.openLayers();
    expect(await again.list()).toEqual([{ diffId, size: 5 }]);
    expect(again.implied(diffId)).toEqual(["d"]);
    expect(await readdir(layers)).toEqual([hexOf(diffId), "ingest"].toSorted());
    expect(await readdir(join(layers, "ingest"))).toEqual([]);
  });

  test("keeps layers from other users, whatever mode their roots have", async () => {
    await using place = await makeStorePlace();
    const store = await place.openLayers();
    const path = join(place.around, "layer.tar");
    await writeFile(path, layer);
    await store.unpack({ diffId, path, mediaType: "" });
    expect((await stat(join(store.lowerdir(diffId), ".."))).mode & 0o777).toBe(0o700);
    expect((await stat(store.lowerdir(diffId))).mode & 0o777).toBe(0o755);
    expect(await readFile(join(store.lowerdir(diffId), "d/f"), "utf8")).toBe("hello");
  });
});
