import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Progress } from "#engine";
import { parseReference, type Reference } from "#image";
import { archive, sha256 } from "../support/archive.ts";
import { compressions, packed } from "../support/packed.ts";
import { collect, type ImagePlace, inPieces, makeImagePlace } from "../support/image-place.ts";

const tree = archive([
  { name: "etc/", type: "directory", mode: 0o711 },
  { name: "etc/motd", content: "hello" },
  { name: "noise", content: crypto.getRandomValues(new Uint8Array(40_000)).toHex() },
]);

function importTree(place: ImagePlace, bytes: Uint8Array, changes: readonly string[] = [], name?: Reference): Promise<string> {
  const request = { comment: "why", changes, signal: new AbortController().signal, ...(name !== undefined && { name }) };
  return place.images.verbs.import(inPieces(bytes), request);
}

describe("import()", () => {
  test.each(["plain", ...compressions] as const)("makes an image of one layer of a %s tar", async (form) => {
    await using place = await makeImagePlace();
    const bytes = form === "plain" ? tree : packed(form, tree);
    const id = await importTree(place, bytes, ['CMD ["x"]', "ENV a=b"], parseReference("tree:1"));
    const { image, manifest } = place.images.verbs.get("tree:1");
    expect(image.id).toBe(id as typeof image.id);
    expect(manifest.diffIds).toEqual([sha256(tree)]);
    expect(manifest.runtime).toMatchObject({ command: ["x"], env: ["a=b"] });
    expect(manifest.history).toMatchObject([{ comment: "why", emptyLayer: false }]);
    const isKept = form === "gzip" || form === "zstd";
    const kept = isKept ? sha256(bytes) : expect.not.stringContaining(sha256(bytes));
    const mediaType = `application/vnd.oci.image.layer.v1.tar+${isKept ? form : "gzip"}`;
    expect(manifest.layers).toEqual([{ mediaType, digest: kept, size: expect.any(Number) }]);
    expect(manifest.layers[0]?.size).toBeLessThan(tree.length);
    expect(await Bun.file(join(place.layers.lowerdir(sha256(tree)), "etc/motd")).text()).toBe("hello");
    expect(place.events).toEqual([`tag ${id}`, `import ${id}`]);
    expect((await place.reopen()).verbs.get("tree:1").image.id).toBe(image.id);
    await place.images.verbs.remove("tree:1", { force: false });
    expect(await place.stored()).toEqual({ blobs: 0, layers: 0, spooled: 0 });
  });

  test.each<[string, Uint8Array, string | RegExp]>([
    ["noise", crypto.getRandomValues(new Uint8Array(600)), /tar|header|checksum/i],
    ["half a gzip stream", Bun.gzipSync(tree).subarray(0, 20_000), "cannot decompress the archive: unexpected end of file"],
    ["half an xz stream", packed("xz", tree).subarray(0, 20_000), "cannot decompress the archive: unexpected end of file"],
    ["nothing", archive([]), "the archive is empty: there is nothing to make an image of"],
  ])("of %s leaves nothing behind", async (_, bytes, sentence) => {
    await using place = await makeImagePlace();
    expect(importTree(place, bytes)).rejects.toThrow(sentence);
    await importTree(place, bytes).catch(() => undefined);
    expect(await place.stored()).toEqual({ blobs: 0, layers: 0, spooled: 0 });
    expect(place.images.verbs.list({})).toEqual([]);
  });
});

describe("import() of a URL", () => {
  function serveTree(): Bun.Server<undefined> {
    return Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: ({ url }) => {
        const { pathname } = new URL(url);
        if (pathname === "/moved") return Response.redirect("/tree.tar.xz");
        return pathname === "/tree.tar.xz" ? new Response(packed("xz", tree)) : new Response("gone\n", { status: 404 });
      },
    });
  }

  async function importFrom(place: ImagePlace, url: string): Promise<{ readonly lines: readonly Progress[]; readonly error?: unknown }> {
    const request = { comment: "", changes: [], signal: new AbortController().signal, name: parseReference("tree:1") };
    return await collect(place.images.verbs.importFrom(url, request));
  }

  test("fetches the tree, follows redirects, and tells how far it is", async () => {
    using server = serveTree();
    await using place = await makeImagePlace();
    for (const url of [new URL("/moved", server.url).href, `127.0.0.1:${server.port}/tree.tar.xz`]) {
      const { lines, error } = await importFrom(place, url);
      expect(error).toBeUndefined();
      const address = url.startsWith("http") ? url : `http://${url}`;
      expect(lines[0]).toEqual({ status: `Downloading from ${address}` });
      const size = packed("xz", tree).length;
      expect(lines.slice(1, -1)).toContainEqual({ status: "Importing", current: size, total: size });
      const { image, manifest } = place.images.verbs.get("tree:1");
      expect(lines.at(-1)).toEqual({ status: image.id });
      expect([manifest.diffIds, manifest.history[0]?.comment]).toEqual([[sha256(tree)], `Imported from ${address}`]);
    }
  });

  test("says what the server or the way to it said, and leaves nothing", async () => {
    const server = serveTree();
    const { origin } = server.url;
    await using place = await makeImagePlace();
    expect((await importFrom(place, `${origin}/none`)).error).toMatchObject({
      fault: "not-found",
      message: `failed to GET ${origin}/none with status 404 Not Found: gone`,
    });
    await server.stop(true);
    expect((await importFrom(place, `${origin}/none`)).error).toMatchObject({
      fault: "internal",
      message: `Get "${origin}/none": dial tcp ${server.url.host}: connect: connection refused`,
    });
    expect((await importFrom(place, "")).error).toMatchObject({ message: 'Get "http:": http: no Host in request URL' });
    expect((await importFrom(place, "file:///etc/passwd")).error).toMatchObject({ fault: "internal" });
    expect(await place.stored()).toEqual({ blobs: 0, layers: 0, spooled: 0 });
  });
});
