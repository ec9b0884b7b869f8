import type { Digest } from "#base";
import type { LayerSource, LayerStore } from "#image";
import { describe, expect, test } from "bun:test";
import { archive, concatenated, sha256 } from "../support/archive.ts";

/** A store that is empty at first; disposing it throws it away. */
export interface OpenLayerStore extends AsyncDisposable {
  readonly store: LayerStore;
  /** Writes bytes to a file that a layer can be read from. */
  spool(bytes: Uint8Array): Promise<string>;
  /** Names of all that lies in the store but is no layer of it, such as what an unpacking left. */
  debris(): Promise<readonly string[]>;
  /** A file of a layer as text; undefined when there is none. */
  read(diffId: Digest, name: string): Promise<string | undefined>;
  /** Ways in which a disk can spoil the layer that holds "d/f" and "g", each under its name. */
  damages(diffId: Digest): Readonly<Record<string, () => Promise<void>>>;
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise.then(() => "no failure");
  } catch (error) {
    return error;
  }
}

async function sourceOf(place: OpenLayerStore, layer: Uint8Array, blob = layer): Promise<LayerSource> {
  return { diffId: sha256(layer), path: await place.spool(blob), mediaType: "application/vnd.oci.image.layer.v1.tar" };
}

/** Every promise of the port. */
export function layerStoreContract(name: string, open: () => Promise<OpenLayerStore>): void {
  describe(`${name} as a LayerStore`, () => {
    const layer = archive([
      { type: "directory", name: "d" },
      { name: "d/f", content: "hello" },
      { name: "g", content: "x".repeat(100_000) },
    ]);
    const diffId = sha256(layer);
    const gzip = Bun.gzipSync(layer);

    test.each([
      ["plain", layer],
      ["gzip", gzip],
      ["gzip of two members", concatenated([Bun.gzipSync(layer.slice(0, 700)), Bun.gzipSync(layer.slice(700))])],
      ["zstd", Bun.zstdCompressSync(layer)],
    ])("unpack() of a %s tar gives its files, whatever the media type says", async (_, blob) => {
      await using place = await open();
      expect(await place.store.unpack(await sourceOf(place, layer, blob))).toEqual({ diffId, size: 100_005 });
      expect(await place.store.has(diffId)).toBe(true);
      expect(await place.store.list()).toEqual([{ diffId, size: 100_005 }]);
      expect(await place.read(diffId, "d/f")).toBe("hello");
      expect(await place.debris()).toEqual([]);
    });

    test("unpack() reads a range of a file", async () => {
      await using place = await open();
      const path = await place.spool(concatenated([new Uint8Array(777).fill(1), gzip, new Uint8Array(99).fill(2)]));
      await place.store.unpack({ diffId, path, mediaType: "", range: { offset: 777, size: gzip.length } });
      expect(await place.read(diffId, "d/f")).toBe("hello");
    });

    test("unpack() takes an empty layer", async () => {
      await using place = await open();
      const empty = archive([]);
      expect(await place.store.unpack(await sourceOf(place, empty))).toEqual({ diffId: sha256(empty), size: 0 });
    });

    test("unpack() of a layer that is here reads nothing", async () => {
      await using place = await open();
      await place.store.unpack(await sourceOf(place, layer));
      expect(await place.store.unpack({ diffId, path: "/nowhere", mediaType: "" })).toEqual({ diffId, size: 100_005 });
    });

    test("unpack() of one layer eight times at once unpacks once", async () => {
      await using place = await open();
      const source = await sourceOf(place, layer, gzip);
      const layers = await Promise.all(Array.from({ length: 8 }, () => place.store.unpack(source)));
      expect(new Set(layers.map(({ size }) => size))).toEqual(new Set([100_005]));
      expect(await place.debris()).toEqual([]);
    });

    test.each([
      ["another diff id", { layer: archive([]), blob: layer }, "wrong diff id"],
      ["a tar that was cut", { layer, blob: layer.slice(0, 1600) }, "unexpected EOF"],
      ["a gzip that was cut", { layer, blob: gzip.slice(0, gzip.length - 30) }, "cannot decompress"],
      [
        "a gzip with one wrong bit",
        { layer, blob: gzip.map((byte, at) => (at === gzip.length - 7 ? byte ^ 1 : byte)) },
        "cannot decompress",
      ],
      ["a gzip with garbage behind it", { layer, blob: concatenated([gzip, new Uint8Array(600).fill(9)]) }, "cannot decompress"],
      ["a zstd that was cut", { layer, blob: Bun.zstdCompressSync(layer).slice(0, 60) }, ""],
      ["bytes that are no tar", { layer, blob: new Uint8Array(5000).fill(65) }, "invalid tar header"],
    ])("unpack() of %s leaves nothing behind", async (_, { layer: expected, blob }, reason) => {
      await using place = await open();
      const source = await sourceOf(place, expected, blob);
      expect(await failure(place.store.unpack(source))).toMatchObject({ fault: "invalid", message: expect.stringContaining(reason) });
      expect(await place.store.has(source.diffId)).toBe(false);
      expect(await place.store.list()).toEqual([]);
      expect(await place.debris()).toEqual([]);
    });

    const big = archive(Array.from({ length: 300 }, (_, n) => ({ name: `f${n}`, content: "x".repeat(200_000) })));

    test("unpack() that is aborted rejects with the reason and leaves nothing behind", async () => {
      await using place = await open();
      const controller = new AbortController();
      const reason = new Error("changed my mind");
      const unpack = failure(place.store.unpack(await sourceOf(place, big), { signal: controller.signal }));
      controller.abort(reason);
      expect(await unpack).toBe(reason);
      expect(await place.debris()).toEqual([]);
      expect(await failure(place.store.unpack(await sourceOf(place, big), { signal: controller.signal }))).toBe(reason);
    });

    test("unpack() goes on for others when one of its callers leaves", async () => {
      await using place = await open();
      const controller = new AbortController();
      const source = await sourceOf(place, big);
      const leaving = failure(place.store.unpack(source, { signal: controller.signal }));
      const staying = place.store.unpack(source);
      controller.abort();
      expect(await leaving).toMatchObject({ name: "AbortError" });
      expect(await staying).toEqual({ diffId: source.diffId, size: 60_000_000 });
    });

    test("unpack() can be tried again after all callers left", async () => {
      await using place = await open();
      const controller = new AbortController();
      const source = await sourceOf(place, big);
      const leaving = [1, 2].map(async () => await failure(place.store.unpack(source, { signal: controller.signal })));
      controller.abort();
      const again = place.store.unpack(source);
      for (const left of await Promise.all(leaving)) expect(left).toMatchObject({ name: "AbortError" });
      expect(await again).toEqual({ diffId: source.diffId, size: 60_000_000 });
      expect(await place.debris()).toEqual([]);
    });

    test("verify() finds a layer sound that is as it was unpacked, and changes nothing", async () => {
      await using place = await open();
      const source = await sourceOf(place, layer, gzip);
      await place.store.unpack(source);
      expect(await place.store.verify(diffId, source)).toEqual({ state: "sound" });
      expect(["sound", "unknown"]).toContain((await place.store.verify(diffId)).state);
      expect(await place.read(diffId, "d/f")).toBe("hello");
      expect(await place.debris()).toEqual([]);
    });

    test("verify() finds every damage (I08), and a layer that was removed comes back sound", async () => {
      await using place = await open();
      const source = await sourceOf(place, layer, gzip);
      for (const [name, damage] of Object.entries(place.damages(diffId))) {
        await place.store.unpack(source);
        await damage();
        const { state } = await place.store.verify(diffId, source);
        expect({ name, state }).toEqual({ name, state: "damaged" });
        await place.store.remove(diffId);
      }
      await place.store.unpack(source);
      expect(await place.store.verify(diffId, source)).toEqual({ state: "sound" });
    });

    test("remove() is idempotent, and a removed layer can come back", async () => {
      await using place = await open();
      const source = await sourceOf(place, layer);
      await place.store.unpack(source);
      await place.store.remove(diffId);
      await place.store.remove(diffId);
      expect(await place.store.has(diffId)).toBe(false);
      expect(await place.read(diffId, "d/f")).toBeUndefined();
      await place.store.unpack(source);
      expect(await place.read(diffId, "d/f")).toBe("hello");
    });

    test("an id is never a path (A05)", async () => {
      await using place = await open();
      const path = await place.spool(layer);
      for (const id of ["sha256:../../x", `sha256:${"A".repeat(64)}`, "..", "../../../canary/layer.tar"]) {
        const bad = id as Digest;
        expect(await failure(place.store.unpack({ diffId: bad, path, mediaType: "" }))).toMatchObject({ fault: "invalid" });
        expect(await failure(place.store.remove(bad))).toMatchObject({ fault: "invalid" });
        expect(() => place.store.lowerdir(bad)).toThrow(expect.objectContaining({ fault: "invalid" }));
        expect(await place.store.has(bad)).toBe(false);
      }
      expect(await place.debris()).toEqual([]);
    });
  });
}
