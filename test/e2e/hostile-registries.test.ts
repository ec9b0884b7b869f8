// Registries that answer what they should not; nothing of it is followed, kept or waited for.
import { describe, expect, test } from "bun:test";
import { mediaTypes } from "#image";
import { sha256 } from "../support/archive.ts";
import { collect, makeImagePlace } from "../support/image-place.ts";
import { imageParts, type ImageParts, json } from "../support/image-parts.ts";

const { signal } = new AbortController();
const nothing = { blobs: 0, layers: 0, spooled: 0 };

interface Hostile extends Disposable {
  readonly host: string;
  readonly asked: string[];
}

type Answer = (url: URL, request: Request) => Response | undefined;

/** An image of one layer as `repository/evil:v1`, but for what `answer` says otherwise. */
function serve(parts: ImageParts, answer: Answer = () => undefined): Hostile {
  const asked: string[] = [];
  const blobs = new Map([...parts.layers, parts.config].map((bytes) => [sha256(bytes), bytes]));
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const url = new URL(request.url);
      asked.push(url.pathname);
      const special = answer(url, request);
      if (special !== undefined) return special;
      if (url.pathname.includes("/manifests/"))
        return new Response(parts.manifest, { headers: { "Content-Type": mediaTypes.ociManifest } });
      const bytes = blobs.get(sha256Name(url));
      return bytes === undefined ? new Response("", { status: 404 }) : new Response(bytes);
    },
  });
  return { host: `127.0.0.1:${server.port}`, asked, [Symbol.dispose]: () => void server.stop(true) };
}

function sha256Name(url: URL): ReturnType<typeof sha256> {
  return url.pathname.split("/").at(-1) as ReturnType<typeof sha256>;
}

/** With other words in place of some of its manifest's. */
function withManifest(
  parts: ImageParts,
  change: (manifest: { layers: Record<string, unknown>[]; config: Record<string, unknown> }) => void,
): ImageParts {
  const manifest = JSON.parse(new TextDecoder().decode(parts.manifest)) as Parameters<typeof change>[0];
  change(manifest);
  return { ...parts, manifest: json(manifest) };
}

const image = imageParts({ gzip: true, layers: [[{ name: "a", content: "hostile" }]] });

describe("D01 a layer that names other addresses", () => {
  test("is asked for at the registry alone", async () => {
    using elsewhere = serve(image);
    const foreign = withManifest(image, ({ layers: [layer = {}] }) => {
      layer["mediaType"] = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
      layer["urls"] = [`http://${elsewhere.host}/layer`, "http://169.254.169.254/", "file:///etc/passwd"];
    });
    using registry = serve(foreign, (url) =>
      url.pathname.endsWith(sha256(image.layers[0] ?? image.config)) ? new Response("", { status: 404 }) : undefined,
    );
    await using place = await makeImagePlace();
    expect((await collect(place.images.verbs.pull(`${registry.host}/evil:v1`, { signal }))).error).toBeDefined();
    expect(elsewhere.asked).toEqual([]);
    expect(await place.stored()).toEqual(nothing);
  });
});

describe("D05 a digest that is none", () => {
  test.each([
    "sha256:../../../etc/passwd",
    `md5:${"a".repeat(32)}`,
    `sha256:${"A".repeat(64)}`,
    `sha256:${"a".repeat(63)}`,
    `sha256:${"a".repeat(64)}?x=1`,
    "",
  ])("is asked for nowhere: %j", async (digest) => {
    await using place = await makeImagePlace();
    for (const part of ["layer", "config"] as const) {
      const lying = withManifest(image, ({ layers: [layer = {}], config }) => {
        (part === "layer" ? layer : config)["digest"] = digest;
      });
      using registry = serve(lying);
      expect((await collect(place.images.verbs.pull(`${registry.host}/evil:v1`, { signal }))).error).toMatchObject({ fault: "invalid" });
      expect(registry.asked).toEqual(["/v2/evil/manifests/v1"]);
    }
    expect(await place.stored()).toEqual(nothing);
  });
});

describe("D08 bytes that are not what was asked for", () => {
  const layer = image.layers[0] ?? image.config;
  const damaged: readonly [string, () => Response][] = [
    ["one is flipped", () => new Response(layer.map((byte, index) => (index === 20 ? byte ^ 1 : byte)))],
    ["too few", () => new Response(layer.slice(0, -1))],
    ["too many", () => new Response(Buffer.concat([layer, layer]))],
    ["packed once more", () => new Response(Bun.gzipSync(layer), { headers: { "Content-Encoding": "gzip" } })],
    ["without end", () => new Response(endless())],
  ];

  test.each(damaged)("are refused, and nothing is kept of them: %s", async (_, answer) => {
    await using place = await makeImagePlace();
    let times = 0;
    using registry = serve(image, (url) => {
      if (!url.pathname.endsWith(sha256(layer))) return undefined;
      times += 1;
      return answer();
    });
    expect((await collect(place.images.verbs.pull(`${registry.host}/evil:v1`, { signal }))).error).toMatchObject({
      fault: expect.stringMatching(/^(invalid|unavailable)$/),
    });
    expect(times).toBeLessThanOrEqual(6);
    expect([place.images.verbs.list({}), await place.stored()]).toEqual([[], nothing]);
  });

  test("a download is resumed where it stopped, by a server that knows no ranges too, and nowhere else", async () => {
    const halves = (rest: (request: Request) => Response) => (url: URL, request: Request) => {
      if (!url.pathname.endsWith(sha256(layer))) return undefined;
      return request.headers.get("range") === null ? new Response(layer.slice(0, 40)) : rest(request);
    };
    const pulled = async (rest: (request: Request) => Response): Promise<unknown> => {
      await using place = await makeImagePlace();
      using registry = serve(image, halves(rest));
      return (await collect(place.images.verbs.pull(`${registry.host}/evil:v1`, { signal }))).error;
    };
    const part = (from: number): Response =>
      new Response(layer.slice(from), { status: 206, headers: { "Content-Range": `bytes ${from}-${layer.length - 1}/${layer.length}` } });
    expect(await pulled(() => part(40))).toBeUndefined();
    expect(await pulled(() => new Response(layer))).toBeUndefined();
    expect(String(await pulled(() => part(30)))).toContain("resumes a download elsewhere than it was asked to");
  });
});

describe("D09 an answer without end", () => {
  test("is read up to a bound: a token, an error", async () => {
    await using place = await makeImagePlace();
    using tokens: Hostile = serve(image, (url) =>
      url.pathname === "/token"
        ? new Response(endless())
        : new Response("", { status: 401, headers: { "WWW-Authenticate": `Bearer realm="http://${tokens.host}/token"` } }),
    );
    const pull = async (host: string): Promise<string> =>
      String((await collect(place.images.verbs.pull(`${host}/evil:v1`, { signal }))).error);
    expect(await pull(tokens.host)).toContain("more than 1048576 bytes");
    using errors = serve(image, () => new Response(endless(), { status: 418 }));
    expect(await pull(errors.host)).toContain("418");
  });
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(0x20)) });
}
