import { describe, expect, test } from "bun:test";
import type { Digest, Table } from "#base";
import { formatReference, parseReference } from "#image";
import { type LayerBlobRow, LayerBlobs } from "./layer-blobs.ts";

const digest: Digest = `sha256:${"a".repeat(64)}`;
const layer = { blob: { mediaType: "x", digest, size: 3 }, diffId: `sha256:${"b".repeat(64)}` as const };

function tableOf(rows: Map<string, LayerBlobRow>): Table<LayerBlobRow> {
  return {
    load: async () => [...rows.values()],
    put: async (key, row) => void rows.set(key, row),
    remove: async (key) => void rows.delete(key),
  };
}

function originsOf(blobs: LayerBlobs): readonly string[] {
  return blobs.origins(digest).map((origin) => formatReference(origin));
}

describe("LayerBlobs", () => {
  test("remembers the latest repositories of a blob, each once, over a restart", async () => {
    const rows = new Map<string, LayerBlobRow>();
    const blobs = await LayerBlobs.open(tableOf(rows));
    for (const name of ["a", "b", "c", "d", "e", "a", "f"]) blobs.seen(layer, parseReference(`example.com/${name}`));
    const latest = ["f", "a", "e", "d", "c"].map((name) => `example.com/${name}`);
    expect(originsOf(blobs)).toEqual(latest);
    expect(originsOf(await LayerBlobs.open(tableOf(rows)))).toEqual(latest);
  });

  test("says which blobs need not be here, until they come, over a restart", async () => {
    const rows = new Map<string, LayerBlobRow>();
    const blobs = await LayerBlobs.open(tableOf(rows));
    expect(blobs.isSpared(digest)).toBe(false);
    await blobs.spare(layer);
    blobs.seen(layer, parseReference("busybox"));
    const next = await LayerBlobs.open(tableOf(rows));
    expect([next.isSpared(digest), originsOf(next)]).toEqual([true, ["docker.io/library/busybox"]]);
    next.arrived(digest);
    expect([next.isSpared(digest), (await LayerBlobs.open(tableOf(rows))).isSpared(digest)]).toEqual([false, false]);
  });

  test("forgets what is gone", async () => {
    const rows = new Map<string, LayerBlobRow>();
    const blobs = await LayerBlobs.open(tableOf(rows));
    blobs.seen(layer, parseReference("busybox"));
    blobs.forget(digest);
    expect([originsOf(blobs), rows.size]).toEqual([[], 0]);
  });
});
