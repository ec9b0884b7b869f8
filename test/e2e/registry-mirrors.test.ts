import { describe, expect, test } from "bun:test";
import { parseReference } from "#image";
import { HttpRegistry } from "#registry";
import { sha256 } from "../support/archive.ts";
import { imageParts } from "../support/image-parts.ts";
import { startRegistry } from "../support/registry.ts";

const signal = new AbortController().signal;

describe("registry-mirrors", () => {
  test("are asked in their order before docker.io, by path and scheme, and one that does not have it or does not answer is passed over", async () => {
    await using registry = await startRegistry();
    const parts = imageParts({ layers: [[{ name: "a", content: "mirrored" }]] });
    for (const bytes of [...parts.layers, parts.config]) await registry.pushBlob("library/mirrored", bytes);
    await registry.pushManifest("library/mirrored", "v1", {
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      bytes: parts.manifest,
    });
    const asked: string[] = [];
    using empty = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        asked.push(new URL(request.url).pathname);
        return new Response("", { status: 404 });
      },
    });
    const closed = "http://127.0.0.1:1";
    const mirrors = [closed, `http://127.0.0.1:${empty.port}/deep/`, registry.origin];
    const reader = new HttpRegistry({ mirrors });
    const reference = parseReference("mirrored:v1");
    const manifest = await reader.manifest(reference, { signal });
    expect(manifest.descriptor.digest).toBe(parts.manifestDigest);
    expect(asked).toEqual(["/deep/v2/library/mirrored/manifests/v1"]);
    const config = { mediaType: "application/octet-stream", digest: sha256(parts.config), size: parts.config.length };
    expect(await new Response(await reader.blob(reference, config, { signal })).bytes()).toEqual(parts.config);

    const other = parseReference(`127.0.0.1:${empty.port}/mirrored:v1`);
    asked.length = 0;
    await reader.manifest(other, { signal }).catch(() => undefined);
    expect(asked).toEqual(["/v2/mirrored/manifests/v1"]);
  });
});
