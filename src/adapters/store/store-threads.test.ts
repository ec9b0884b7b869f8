import { describe, expect, test } from "bun:test";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { archive, concatenated, sha256 } from "../../../test/support/archive.ts";
import { makeStorePlace } from "../../../test/support/store-place.ts";
import type { LayerSource } from "#image";
import { waitFor } from "../../../test/support/wait-for.ts";
import { DirectoryContentStore } from "./content-store.ts";
import { FolderLayerStore } from "./layer-store.ts";
import { StoreThreads } from "./store-threads.ts";

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => "no failure",
    (error: unknown) => error,
  );
}

/** A file system of 4 MiB, unmounted when disposed. */
async function smallDisk(path: string): Promise<AsyncDisposable> {
  await mkdir(path);
  expect(Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=4m,nr_inodes=2000", "tmpfs", path]).exitCode).toBe(0);
  return {
    [Symbol.asyncDispose]: async () => {
      expect(Bun.spawnSync(["umount", "-l", path]).exitCode).toBe(0);
      await rm(path, { recursive: true });
    },
  };
}

describe("StoreThreads", () => {
  test("takes blobs and unpacks layers at once, more of them than threads", async () => {
    await using place = await makeStorePlace();
    const content = await place.openContent();
    const layers = await place.openLayers();
    const digests = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        const bytes = archive([{ name: `f${n}`, content: "x".repeat(300_000) }]);
        const blob = Bun.gzipSync(bytes);
        await content.ingest({ digest: sha256(blob), size: blob.length }, new Blob([blob]).stream());
        await layers.unpack({ diffId: sha256(bytes), path: await content.path(sha256(blob)), mediaType: "" });
        return sha256(bytes);
      }),
    );
    expect((await layers.list()).map(({ diffId }) => diffId).toSorted()).toEqual(digests.toSorted());
  });

  test("fails what runs when it is disposed", async () => {
    await using place = await makeStorePlace();
    const threads = new StoreThreads({ threads: 1 });
    const store = await DirectoryContentStore.open({ folder: join(place.dataRoot, "content"), trash: place.trash, threads });
    const silent = new ReadableStream<Uint8Array>({ start: (stream) => stream.enqueue(new Uint8Array(10)) });
    const onProgress = (): void => void threads[Symbol.asyncDispose]();
    expect(await failure(store.ingest({ digest: sha256(new Uint8Array(11)) }, silent, { onProgress }))).toMatchObject({
      fault: "unavailable",
    });
  });

  test("ends an ingest that waits for bytes when its thread gives up", async () => {
    await using place = await makeStorePlace();
    const store = await place.openContent();
    const cancelled = Promise.withResolvers<unknown>();
    const tooMuch = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(new Uint8Array(10)),
      cancel: (reason) => cancelled.resolve(reason),
    });
    expect(await failure(store.ingest({ digest: sha256(new Uint8Array(9)), size: 9 }, tooMuch))).toMatchObject({ fault: "invalid" });
    expect(await cancelled.promise).toMatchObject({ fault: "invalid" });
  });

  test("a full disk is an error with a name, and leaves room behind", async () => {
    await using place = await makeStorePlace();
    const folder = join(place.around, "disk");
    await using _disk = await smallDisk(folder);
    const trash = { discard: async (path: string) => await rm(path, { recursive: true, force: true }) };
    const content = await DirectoryContentStore.open({ folder: join(folder, "content"), trash, threads: place.threads });
    const { kernel, threads } = place;
    const mounts = join(place.around, "l");
    const layers = await FolderLayerStore.open({
      folder: join(folder, "layers"),
      mounts,
      kernel,
      trash,
      threads,
      wanted: { driver: "directory" },
    });
    const big = new Uint8Array(8 * 1024 * 1024).fill(1);
    const full = { fault: "internal", message: expect.stringContaining("no space left on device") };
    expect(await failure(content.ingest({ digest: sha256(big) }, new Blob([big]).stream()))).toMatchObject(full);
    expect(await readdir(join(folder, "content/ingest"))).toEqual([]);
    for (const members of [[{ name: "big", content: big }], Array.from({ length: 3000 }, (_, n) => ({ name: `d/${n}` }))]) {
      const path = join(place.around, "layer.tar");
      await writeFile(path, archive(members));
      expect(await failure(layers.unpack({ diffId: sha256(archive(members)), path, mediaType: "" }))).toMatchObject(full);
      expect(await readdir(join(folder, "layers/ingest"))).toEqual([]);
    }
    const small = archive([{ name: "f", content: "fits" }]);
    await content.ingest({ digest: sha256(small) }, new Blob([small]).stream());
    await layers.unpack({ diffId: sha256(small), path: await content.path(sha256(small)), mediaType: "" });
  });

  test("a thread unpacks one layer at a time; who waits may leave, and the others still get their turn", async () => {
    await using place = await makeStorePlace();
    await using threads = new StoreThreads({ threads: 1 });
    const { kernel, trash } = place;
    const mounts = join(place.around, "l");
    const wanted = { driver: "directory" } as const;
    const layers = await FolderLayerStore.open({ folder: join(place.dataRoot, "layers"), mounts, kernel, trash, threads, wanted });
    const spool = async (name: string, size: number): Promise<LayerSource> => {
      const bytes = archive([{ name, content: new Uint8Array(size) }]);
      const path = join(place.around, `${name}.tar.gz`);
      await writeFile(path, Bun.gzipSync(bytes));
      return { diffId: sha256(bytes), path, mediaType: "" };
    };
    const sources = await Promise.all([spool("large", 64 << 20), spool("left", 1), spool("second", 2), spool("third", 3)]);
    const leaving = new AbortController();
    const reason = new Error("enough of it");
    const unpacking = sources.map((source, at) => layers.unpack(source, at === 1 ? { signal: leaving.signal } : {}));
    const ends = Promise.all(unpacking.map(async (layer) => await layer.then(({ size }) => size).catch((error: unknown) => error)));
    const folders = async (): Promise<number> => (await readdir(join(place.dataRoot, "layers/ingest"))).length;
    await waitFor(async () => (await folders()) > 0, { what: "begin of the first layer" });
    leaving.abort(reason);
    const seen: number[] = [];
    await waitFor(async () => seen.push(await folders()) > 0 && (await layers.list()).length === 3, { what: "three layers", every: 1 });
    expect(Math.max(...seen)).toBe(1);
    expect(await ends).toEqual([64 << 20, reason, 2, 3]);
  });

  test("memory stays bounded while a layer of 400 MB is inflated and written", async () => {
    await using place = await makeStorePlace();
    const layers = await place.openLayers();
    const zeros = new Uint8Array(40 * 1024 * 1024);
    const bytes = archive([{ name: "f", content: zeros }]);
    // One file, ten times: each gzip member is inflated behind the other.
    const path = join(place.around, "layer.tar.gz");
    const body = Bun.gzipSync(bytes.slice(0, -1024));
    await writeFile(path, concatenated([...Array.from({ length: 10 }, () => body), Bun.gzipSync(new Uint8Array(1024))]));
    const hasher = new Bun.CryptoHasher("sha256");
    for (let n = 0; n < 10; n += 1) hasher.update(bytes.subarray(0, -1024));
    hasher.update(new Uint8Array(1024));
    Bun.gc(true);
    const before = process.memoryUsage.rss();
    const layer = await layers.unpack({ diffId: `sha256:${hasher.digest("hex")}`, path, mediaType: "" });
    expect(layer.size).toBe(10 * zeros.length);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  }, 30_000);
});
