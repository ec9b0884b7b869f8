import { type Digest, hexOf, isDigest } from "#base";
import { rooted } from "#linux";
import type { WantedDriver } from "#store";
import { describe, expect, test } from "bun:test";
import { chmod, chown, link, mkdir, open, readdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { archive, sha256 } from "../support/archive.ts";
import { makeStorePlace } from "../support/store-place.ts";
import { layerStoreContract, type OpenLayerStore } from "./layer-store.ts";
import { sealedMethods } from "../support/sealed-methods.ts";

/** Damages what lies in a layer's folder, by name. */
type Damages = OpenLayerStore["damages"];

function storeOf(wanted: WantedDriver, damagesOf: (folderOf: (diffId: Digest) => string, around: string) => Damages) {
  return async (): Promise<OpenLayerStore> => {
    const place = await makeStorePlace();
    const store = await place.openLayers(wanted);
    expect(store.driver).toBe(wanted.driver as "sealed");
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
        await store.attach([diffId]);
        const file = Bun.file(join(store.lowerdir(diffId), name));
        return (await file.exists()) ? await file.text() : undefined;
      },
      damages: damagesOf((diffId) => join(layers, hexOf(diffId)), place.around),
      [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
    };
  };
}

function treeDamages(folderOf: (diffId: Digest) => string, around: string): Damages {
  return (diffId) => {
    const at = (name: string): string => join(folderOf(diffId), "tree", name);
    return {
      "a wrong bit": async () => await flipBit(at("g"), 70_000),
      "a file that was cut": async () => await truncate(at("d/f"), 2),
      "a file that is gone": async () => await rm(at("d/f")),
      "a folder that is gone": async () => await rm(at("d"), { recursive: true }),
      "a file too many": async () => await writeFile(at("d/h"), ""),
      "another mode": async () => await chmod(at("g"), 0o600),
      "another owner": async () => await chown(at("g"), 1, 1),
      "another time": async () => await utimes(at("g"), 1, 1),
      "another time of a folder": async () => await utimes(at("d"), 1, 1),
      "a further name": async () => await link(at("g"), join(around, crypto.randomUUID())),
      "an attribute": async () => {
        await using file = await open(at("g"), "r");
        rooted.must(rooted.setXattr(file.fd, "user.x", new Uint8Array([1])), "fsetxattr", "g");
      },
      "a link in place of a file": async () => {
        await rm(at("g"));
        await symlink("d/f", at("g"));
      },
      "a file in place of a folder": async () => {
        await rm(at("d"), { recursive: true });
        await writeFile(at("d"), "");
      },
      "a tree that is gone": async () => await rm(at("."), { recursive: true }),
      "a record that is gone": async () => await rm(at("../layer.json")),
      "a record with a wrong number": async () => await writeFile(at("../layer.json"), '{"version":1,"size":100006,"implied":[]}'),
    };
  };
}

function sealedDamages(folderOf: (diffId: Digest) => string): Damages {
  return (diffId) => {
    const at = (name: string): string => join(folderOf(diffId), name);
    return {
      "a wrong bit in the archive": async () => await flipBit(at("layer.tar"), 70_000),
      "a wrong bit in the archive's padding": async () => await flipBit(at("layer.tar"), 1536 + 5),
      "an archive that was cut": async () => await truncate(at("layer.tar"), 50_000),
      "an archive without its end": async () => await truncate(at("layer.tar"), (await stat(at("layer.tar"))).size - 512),
      "an archive that is gone": async () => await rm(at("layer.tar")),
      "a wrong bit in the index": async () => await flipBit(at("index.erofs"), 1536 + 40),
      "a wrong bit in the index's head": async () => await flipBit(at("index.erofs"), 3),
      "an index that was cut": async () => await truncate(at("index.erofs"), 1536),
      "an index that goes on": async () => await truncate(at("index.erofs"), (await stat(at("index.erofs"))).size + 1),
      "an index that is gone": async () => await rm(at("index.erofs")),
      "a record that is gone": async () => await rm(at("layer.json")),
      "a record with a wrong number": async () =>
        await writeFile(at("layer.json"), '{"version":1,"form":"sealed","size":100006,"implied":[]}'),
    };
  };
}

layerStoreContract("FolderLayerStore of trees", storeOf({ driver: "directory" }, treeDamages));

for (const method of sealedMethods) {
  layerStoreContract(`FolderLayerStore of sealed layers, mounted by ${method},`, storeOf({ driver: "sealed", method }, sealedDamages));
}

async function flipBit(path: string, offset: number): Promise<void> {
  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);
}

describe("FolderLayerStore", () => {
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
