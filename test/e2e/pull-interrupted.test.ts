// I09 to I11: downloads that are cut, taken by many at once, or given up. The right bytes arrive, none of them much more than once, and nobody sees an
// image before all of it is there.
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, hexOf } from "#base";
import { mediaTypes } from "#image";
import { sha256 } from "../support/archive.ts";
import { collect, makeImagePlace } from "../support/image-place.ts";
import { imageParts, type ImageParts } from "../support/image-parts.ts";
import { waitFor } from "../support/wait-for.ts";

const never = new AbortController().signal;
const nothing = { blobs: 0, layers: 0, spooled: 0 };

const noise = (bytes: number): string => crypto.getRandomValues(new Uint8Array(bytes / 2)).toHex();

/** What a server does with one request for a blob: the answer's bytes and where they break off. */
interface Answer {
  readonly bytes: Uint8Array;
  readonly cut?: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Scripted extends Disposable {
  readonly host: string;
  /** Requests for each blob. */
  readonly asked: Map<string, number>;
  /** Bytes of blobs that were sent. */
  sent: number;
}

type Script = (blob: Uint8Array, request: Request) => Answer | Promise<Answer>;

/** One image as `NAME:v1`, whose layers are sent as the script says. */
function serve({ layers, config, manifest }: ImageParts, script: Script): Scripted {
  const large = new Map(layers.map((bytes) => [sha256(bytes), bytes]));
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const digest = new URL(request.url).pathname.split("/").at(-1) as Digest;
      if (request.url.includes("/manifests/")) return new Response(manifest, { headers: { "Content-Type": mediaTypes.ociManifest } });
      scripted.asked.set(digest, (scripted.asked.get(digest) ?? 0) + 1);
      const blob = large.get(digest);
      if (blob === undefined) return new Response(config);
      const { bytes, cut, status = 200, headers = {} } = await script(blob, request);
      return new Response(pieces(bytes.subarray(0, cut), scripted), { status, headers: { ...headers } });
    },
  });
  const scripted: Scripted = {
    host: `127.0.0.1:${server.port}`,
    asked: new Map(),
    sent: 0,
    [Symbol.dispose]: () => void server.stop(true),
  };
  return scripted;
}

function pieces(bytes: Uint8Array, scripted: Scripted): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const piece = bytes.slice(at, at + 16_384);
        at += piece.length;
        scripted.sent += piece.length;
        if (piece.length > 0) return controller.enqueue(piece);
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function offsetOf(request: Request): number {
  return Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
}

function rest(blob: Uint8Array, request: Request): Answer {
  const from = offsetOf(request);
  if (from === 0) return { bytes: blob };
  return { bytes: blob.subarray(from), status: 206, headers: { "Content-Range": `bytes ${from}-${blob.length - 1}/${blob.length}` } };
}

const random = (below: number): number => Math.floor(Math.random() * below);

describe("I10 a download that is cut", () => {
  const parts = imageParts({ layers: [[{ name: "large", content: noise(400_000) }]] });
  const [layer = new Uint8Array()] = parts.layers;

  test("at 30 random offsets goes on there, and takes hardly a byte twice", async () => {
    for (let round = 0; round < 10; round += 1) {
      await using place = await makeImagePlace();
      let cuts = 3;
      using server = serve(parts, (blob, request) => {
        const answer = rest(blob, request);
        return cuts-- > 0 ? { ...answer, cut: 1 + random(answer.bytes.length - 1) } : answer;
      });
      const { error } = await collect(place.images.verbs.pull(`${server.host}/cut:v1`, { signal: never }));
      expect(error).toBeUndefined();
      expect(await place.content.verify(sha256(layer))).toBeUndefined();
      expect(server.sent).toBeLessThanOrEqual(layer.length * 1.1);
    }
  }, 60_000);

  test("begins anew where the server knows no ranges, and still is what its name says", async () => {
    for (let round = 0; round < 5; round += 1) {
      await using place = await makeImagePlace();
      let cuts = 2;
      using server = serve(parts, (blob) => (cuts-- > 0 ? { bytes: blob, cut: 1 + random(blob.length - 1) } : { bytes: blob }));
      expect((await collect(place.images.verbs.pull(`${server.host}/anew:v1`, { signal: never }))).error).toBeUndefined();
      expect(await place.content.verify(sha256(layer))).toBeUndefined();
    }
  }, 60_000);

  test("and goes on with other bytes is refused whole", async () => {
    await using place = await makeImagePlace();
    using server = serve(parts, (blob, request) => {
      const answer = rest(blob, request);
      if (offsetOf(request) === 0) return { ...answer, cut: 100_000, headers: { ETag: '"one"' } };
      return { ...answer, bytes: answer.bytes.map((byte) => byte ^ 1), headers: { ...answer.headers, ETag: '"two"' } };
    });
    expect(String((await collect(place.images.verbs.pull(`${server.host}/other:v1`, { signal: never }))).error)).toContain("digest");
    expect([place.images.verbs.list({}), await place.stored()]).toEqual([[], nothing]);
  });
});

describe("I11 one image for many", () => {
  const parts = imageParts({ layers: Array.from({ length: 6 }, (_, index) => [{ name: `f${index}`, content: noise(60_000) }]) });

  test("50 pulls at once fetch each blob once", async () => {
    await using place = await makeImagePlace();
    const open = Promise.withResolvers<void>();
    using server = serve(parts, async (blob) => {
      await open.promise;
      return { bytes: blob };
    });
    const pulls = Array.from({ length: 50 }, () => collect(place.images.verbs.pull(`${server.host}/many:v1`, { signal: never })));
    await waitFor(() => server.asked.size > 3, { what: "downloads" });
    open.resolve();
    const results = await Promise.all(pulls);
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
    expect([...server.asked.values()]).toEqual(Array.from({ length: 7 }, () => 1));
    expect(place.images.verbs.list({})).toHaveLength(1);
  }, 30_000);

  test("a pull fetches three layers at a time", async () => {
    await using place = await makeImagePlace();
    const waiting: (() => void)[] = [];
    using server = serve(parts, async (blob) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return { bytes: blob };
    });
    const pulling = collect(place.images.verbs.pull(`${server.host}/one:v1`, { signal: never }));
    // Each one that is let go makes room for one more.
    for (const asked of [3, 4, 5, 6, 6, 6]) {
      await waitFor(() => server.asked.size - 1 >= asked, { what: `${asked} layers asked for` });
      expect(server.asked.size - 1).toBe(asked);
      await waitFor(() => waiting.length > 0, { what: "a download" });
      waiting.shift()?.();
    }
    expect((await pulling).error).toBeUndefined();
  }, 30_000);

  test("a download ends at the server when the last who wants it goes", async () => {
    await using place = await makeImagePlace();
    const ended = Promise.withResolvers<void>();
    using server = serve(parts, (blob, request) => {
      request.signal.addEventListener("abort", () => ended.resolve());
      return new Promise<Answer>(() => blob);
    });
    const stops = [new AbortController(), new AbortController()];
    const pulls = stops.map((stop) => collect(place.images.verbs.pull(`${server.host}/gone:v1`, { signal: stop.signal })));
    await waitFor(() => server.asked.size > 3, { what: "downloads" });
    for (const stop of stops) stop.abort();
    await ended.promise;
    await Promise.all(pulls);
    expect([place.images.verbs.list({}), await place.stored()]).toEqual([[], nothing]);
  }, 30_000);
});

test("I09 nobody sees an image, or a blob, that is not whole, however pulls end", async () => {
  await using place = await makeImagePlace();
  const parts = imageParts({ gzip: true, layers: [[{ name: "a", content: noise(200_000) }], [{ name: "b", content: noise(200_000) }]] });
  using server = serve(parts, (blob) => ({ bytes: blob }));
  const all = [parts.manifestDigest, ...[...parts.layers, parts.config].map((bytes) => sha256(bytes))];
  const over = new AbortController();
  let looks = 0;
  let rounds = 0;
  const watching = (async () => {
    while (!over.signal.aborted) {
      looks += 1;
      const began = rounds;
      const isListed = place.images.verbs.list({}).length > 0;
      const stored = await place.content.list();
      // It may have been removed since; what is there is right.
      for (const digest of stored) {
        const bytes = await readFile(join(place.dataRoot, "content/sha256", hexOf(digest))).catch(() => undefined);
        if (bytes !== undefined) expect(sha256(bytes)).toBe(digest);
      }
      if (isListed && began === rounds && place.images.verbs.list({}).length > 0)
        expect(all.filter((digest) => !stored.includes(digest))).toEqual([]);
    }
  })();
  let whole = 0;
  for (; rounds < 40; rounds += 1) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), random(60));
    await collect(place.images.verbs.pull(`${server.host}/killed:v1`, { signal: stop.signal }));
    clearTimeout(timer);
    // Even when it was given up: that may come too late.
    if (place.images.verbs.list({}).length > 0) {
      whole += 1;
      await place.images.verbs.remove(`${server.host}/killed:v1`, { force: false });
    }
    expect(await place.stored()).toEqual(nothing);
  }
  over.abort();
  await watching;
  expect([looks > 40, whole < 40]).toEqual([true, true]);
}, 60_000);
