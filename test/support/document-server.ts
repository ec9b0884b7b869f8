// A registry whose one image has whatever manifest and config a test gives it.
import { expect } from "bun:test";
import { mediaTypes } from "#image";
import { sha256 } from "./archive.ts";
import type { TestDaemon } from "./daemon.ts";
import { type ImageParts, json } from "./image-parts.ts";
import { mutant, seeded } from "./manifest-mutants.ts";

type Body = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

export class DocumentServer implements Disposable {
  /** What every name stands for; nothing when undefined. */
  manifest: { readonly bytes: Body; readonly type: string } | undefined;
  readonly blobs = new Map<string, () => Body>();
  readonly #server: { readonly port: number | undefined; stop(closes: boolean): Promise<void> };

  constructor({ layers, config }: ImageParts) {
    for (const bytes of [...layers, config]) this.blobs.set(sha256(bytes), () => bytes);
    this.#server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => this.#answer(new URL(request.url)) });
  }

  get host(): string {
    return `127.0.0.1:${this.#server.port}`;
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }

  #answer({ pathname }: URL): Response {
    const name = pathname.split("/").at(-1) ?? "";
    if (pathname.includes("/blobs/")) {
      const body = this.blobs.get(name)?.();
      return body === undefined ? new Response("", { status: 404 }) : new Response(body);
    }
    if (!pathname.includes("/manifests/")) return new Response("{}");
    if (this.manifest === undefined) return new Response("", { status: 404 });
    return new Response(this.manifest.bytes, { headers: { "Content-Type": this.manifest.type } });
  }
}

/** Blanks as long as somebody reads. */
export function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(0x20)) });
}

/** A08: pulls mutants of an image's documents. Each is taken, or refused by a status of the 400s or in the stream; the process stays the same. */
export async function pullMutants(
  daemon: TestDaemon,
  server: DocumentServer,
  { parts, seed, count }: { readonly parts: ImageParts; readonly seed: number; readonly count: number },
): Promise<void> {
  const { pid } = daemon;
  const next = seeded(seed);
  const manifest = JSON.parse(new TextDecoder().decode(parts.manifest)) as { readonly config: object };
  for (let number = 0; number < count; number += 1) {
    if (next(2) === 0) server.manifest = { bytes: mutant(parts.manifest, next), type: mediaTypes.ociManifest };
    else {
      const config = mutant(parts.config, next);
      const descriptor = { ...manifest.config, digest: sha256(config), size: config.length };
      server.blobs.set(sha256(config), () => config);
      server.manifest = { bytes: json({ ...manifest, config: descriptor }), type: mediaTypes.ociManifest };
    }
    const reply = await daemon.request(`/images/create?fromImage=${server.host}/evil&tag=v1`, { method: "POST" });
    const text = await reply.text();
    const isTaken = text.includes('"Status: ');
    expect({ number, text, said: isTaken || /"(error|message)":/.test(text), server: reply.status >= 500 }).toMatchObject({
      said: true,
      server: false,
    });
    if (isTaken) await daemon.request(`/images/${server.host}/evil:v1?force=1`, { method: "DELETE" });
    expect(daemon.pid).toBe(pid);
  }
}
