import { hexOf } from "#base";
import { describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeStorePlace } from "../support/store-place.ts";
import { contentStoreContract } from "./content-store.ts";

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

contentStoreContract("DirectoryContentStore", async () => {
  const place = await makeStorePlace();
  return {
    store: await place.openContent(),
    stored: async () => await Promise.all((await filesBelow(join(place.dataRoot, "content"))).map(async (path) => await readFile(path))),
    spoil: async (digest, bytes) => await writeFile(join(place.dataRoot, "content/sha256", hexOf(digest)), bytes),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
});

describe("DirectoryContentStore", () => {
  test("open() throws away what a killed daemon was taking in", async () => {
    await using place = await makeStorePlace();
    const ingest = join(place.dataRoot, "content/ingest");
    await mkdir(join(ingest, "folder"), { recursive: true });
    await writeFile(join(ingest, "half"), "half a blob");
    await place.openContent();
    expect(await readdir(ingest)).toEqual([]);
  });

  test("keeps its folders from other users", async () => {
    await using place = await makeStorePlace();
    await place.openContent();
    for (const name of ["content/sha256", "content/ingest"]) expect((await stat(join(place.dataRoot, name))).mode & 0o777).toBe(0o700);
  });
});
