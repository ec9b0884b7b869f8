import { describe, expect, test } from "bun:test";
import { type AddressInfo, createServer } from "node:net";
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

describe("http-proxy and https-proxy", () => {
  test("carry what goes to registries, but for those that no-proxy lists", async () => {
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket.once("data", (head) => {
        asked.push(head.toString("latin1").split("\r\n", 1)[0] ?? "");
        socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      });
      socket.on("error", () => socket.destroy());
    });
    await new Promise<void>((settle) => proxy.listen(0, "127.0.0.1", settle));
    try {
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const mirrors = ["http://mirror.invalid", "http://straight.invalid"];
      const reader = new HttpRegistry({ mirrors, proxies: { http: url, https: url, no: "straight.invalid" } });
      const failed: unknown = await reader.manifest(parseReference("x:v1"), { signal }).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(Error);
      expect(asked).toEqual(["GET http://mirror.invalid/v2/library/x/manifests/v1 HTTP/1.1", "CONNECT registry-1.docker.io:443 HTTP/1.1"]);
    } finally {
      proxy.close();
    }
  });
});
