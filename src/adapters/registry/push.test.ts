import { afterEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import type { Digest } from "#base";
import { type BlobUpload, type Credentials, type Descriptor, parseReference } from "#image";
import { HttpRegistry } from "./http-registry.ts";
import type { RegistrySettings } from "./settings.ts";

const { signal } = new AbortController();
const servers: { stop(force: boolean): unknown }[] = [];
const bytes = new TextEncoder().encode("what a layer holds");
const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const blob: Descriptor = { mediaType: "application/octet-stream", digest, size: bytes.length };
const manifest = { descriptor: { ...blob, mediaType: "application/vnd.oci.image.manifest.v1+json" }, bytes };
const bob: Credentials = { username: "bob", password: "secret", identityToken: "", serverAddress: "" };
const bobs = `Basic ${btoa("bob:secret")}`;

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(true)));
});

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
  readonly headers: Headers;
}

interface Double {
  readonly host: string;
  /** "METHOD path authorization body", as far as there are any. */
  readonly asked: string[];
}

/** A registry of the test's own: what `answer` leaves open it does as one that has nothing and takes everything. */
function serve(answer: (asked: Asked, nth: number) => Response | undefined = () => undefined): Double {
  const asked: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      const authorization = request.headers.get("authorization") ?? "";
      const seen = { method: request.method, path: `${pathname}${search}`, authorization, body, headers: request.headers };
      asked.push([request.method, seen.path, authorization, body].filter((word) => word !== "").join(" "));
      return answer(seen, asked.length) ?? usual(seen);
    },
  });
  servers.push(server);
  return { host: `127.0.0.1:${server.port}`, asked };
}

function usual({ method }: Asked): Response {
  if (method === "HEAD") return new Response("", { status: 404 });
  if (method === "POST") return accepted("/v2/x/blobs/uploads/1?state=s");
  return new Response("", { status: method === "PATCH" ? 202 : 201, headers: { Location: "/v2/x/blobs/uploads/1?state=s" } });
}

function accepted(location: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response("", { status: 202, headers: { Location: location, ...headers } });
}

function refused(status: number, message = "no", headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ errors: [{ code: "DENIED", message }] }, { status, headers });
}

function challenged(challenge: string): Response {
  return new Response("", { status: 401, headers: { "WWW-Authenticate": challenge } });
}

/** A client whose waits the test does not wait. */
function client(settings: Partial<RegistrySettings> = {}): { readonly registry: HttpRegistry; readonly waits: number[] } {
  const waits: number[] = [];
  const wait = (milliseconds: number): Promise<void> => Promise.resolve(void waits.push(milliseconds));
  return { registry: new HttpRegistry({ certificateFolders: [], ...settings }, wait), waits };
}

const open = async (): Promise<ReadableStream<Uint8Array>> => new Blob([bytes]).stream();

/** How sending the blob to a registry ends. */
async function outcome(host: string, upload: Partial<BlobUpload> = {}, registry = client().registry): Promise<string> {
  try {
    return await registry.send(parseReference(`${host}/x`), blob, { open, signal, ...upload });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What a call that must not succeed says. */
async function failure(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => "it succeeded",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

const begin = "POST /v2/x/blobs/uploads/";
const whole = `PUT /v2/x/blobs/uploads/1?state=s&digest=${encodeURIComponent(digest)} what a layer holds`;

describe("send()", () => {
  test("begins an upload and ends it with all bytes and the digest, and tells how far it is", async () => {
    const lengths: (string | null)[] = [];
    const { host, asked } = serve(({ method, headers }) => {
      if (method === "PUT") lengths.push(headers.get("content-length"), headers.get("content-type"));
      return undefined;
    });
    const progress: number[] = [];
    expect(await outcome(host, { onProgress: (sent) => progress.push(sent) })).toBe("sent");
    expect(asked).toEqual([begin, whole]);
    expect(lengths).toEqual([String(bytes.length), "application/octet-stream"]);
    expect(progress).toEqual([bytes.length]);
  });

  test("takes a blob from another repository, or goes on with the upload that was begun instead", async () => {
    const mount = `${begin}?mount=${encodeURIComponent(digest)}&from=a%2Fb`;
    const has = serve(({ method }) => (method === "POST" ? new Response("", { status: 201 }) : undefined));
    expect(await outcome(has.host, { from: "a/b" })).toBe("mounted");
    expect(has.asked).toEqual([mount]);
    const lacks = serve();
    expect(await outcome(lacks.host, { from: "a/b" })).toBe("sent");
    expect(lacks.asked).toEqual([mount, whole]);
  });

  test("gives the upload back when there is nothing to send", async () => {
    const { host, asked } = serve();
    const registry = client().registry;
    expect(await registry.send(parseReference(`${host}/x`), blob, { from: "y", signal })).toBe("wanted");
    expect(asked[1]).toBe("DELETE /v2/x/blobs/uploads/1?state=s");
  });

  test("begins anew after what passes, as late as the registry wants", async () => {
    const { registry, waits } = client();
    const { host, asked } = serve(({ method }, nth) => {
      if (nth === 1) return refused(429, "slow down", { "Retry-After": "7" });
      return method === "PUT" && nth === 3 ? new Response("", { status: 503 }) : undefined;
    });
    expect(await outcome(host, {}, registry)).toBe("sent");
    expect(asked).toEqual([begin, begin, whole, begin, whole]);
    expect(waits[0]).toBe(7_000);
    expect(waits.length).toBe(2);
  });

  test("gives up on what does not pass, and after as many attempts as are set", async () => {
    const { registry } = client({ maxAttempts: 3 });
    const { host, asked } = serve(() => new Response("", { status: 502 }));
    expect(await outcome(host, {}, registry)).toContain("unexpected status from POST request to");
    expect(asked.length).toBe(3);
  });

  test.each([
    ["POST", 500, "error from registry: no"],
    ["POST", 403, "error from registry: no"],
    ["POST", 404, "error from registry: no"],
    ["PUT", 400, "error from registry: no"],
    ["PUT", 500, "error from registry: no"],
    ["PUT", 202, "unexpected status from PUT request to"],
    ["POST", 200, "unexpected status from POST request to"],
    ["POST", 201, "unexpected status from POST request to"],
  ])("says what a registry says that answers %s with %d", async (method, status, message) => {
    const { host, asked } = serve((seen) =>
      seen.method === method ? (status < 300 ? new Response("", { status }) : refused(status)) : undefined,
    );
    expect(await outcome(host)).toStartWith(message);
    expect(asked.length).toBe(method === "POST" ? 1 : 2);
  });

  test("sends pieces where the whole is too long for one request", async () => {
    const { host, asked } = serve(({ method, headers, body }) => {
      if (method === "PUT" && body !== "") return new Response("", { status: 413 });
      if (method !== "PATCH") return undefined;
      expect(headers.get("content-range")).toBe(`0-${bytes.length - 1}`);
      return accepted("/v2/x/blobs/uploads/1?state=after");
    });
    const progress: number[] = [];
    expect(await outcome(host, { onProgress: (sent) => progress.push(sent) })).toBe("sent");
    const end = `PUT /v2/x/blobs/uploads/1?state=after&digest=${encodeURIComponent(digest)}`;
    expect(asked).toEqual([begin, whole, begin, "PATCH /v2/x/blobs/uploads/1?state=s what a layer holds", end]);
    expect(progress.at(-1)).toBe(bytes.length);
  });

  test("ends with a piece that is refused", async () => {
    const { host } = serve(({ method }) => {
      if (method === "PUT") return new Response("", { status: 413 });
      return method === "PATCH" ? refused(416, "range") : undefined;
    });
    expect(await outcome(host)).toBe("error from registry: range");
  });

  test("a stream that breaks is its own error and no answer", async () => {
    const { host } = serve();
    const broken = async (): Promise<ReadableStream<Uint8Array>> =>
      new ReadableStream({ pull: (controller) => controller.error(new Error("disk")) });
    expect(await outcome(host, { open: broken })).toContain("disk");
  });

  test("a caller who goes away ends the upload", async () => {
    const leaving = new AbortController();
    const { host, asked } = serve();
    const endless = async (): Promise<ReadableStream<Uint8Array>> =>
      new ReadableStream({ pull: (controller) => (leaving.abort(new Error("gone")), controller.enqueue(bytes.slice(0, 1))) });
    expect(await outcome(host, { open: endless, signal: leaving.signal })).toContain("gone");
    expect(asked.filter((line) => line === whole)).toEqual([]);
  });
});

describe("send() to where a registry points", () => {
  test("D03 credentials do not go to another origin, the bytes do", async () => {
    const other = serve();
    const { host } = serve(({ method, authorization }) => {
      if (authorization === "") return challenged('Basic realm="r"');
      return method === "POST" ? accepted(`http://${other.host}/store?key=1`) : undefined;
    });
    expect(await outcome(host, { credentials: bob })).toBe("sent");
    expect(other.asked).toEqual([`PUT /store?key=1&digest=${encodeURIComponent(digest)} what a layer holds`]);
  });

  test("D03 a redirect of the bytes keeps them and drops credentials; one that would make a GET of them ends the push", async () => {
    const other = serve();
    const answers = (status: number): Double =>
      serve(({ method, authorization }) => {
        if (authorization === "") return challenged('Basic realm="r"');
        return method === "PUT" ? new Response("", { status, headers: { Location: `http://${other.host}/moved` } }) : undefined;
      });
    expect(await outcome(answers(307).host, { credentials: bob })).toBe("sent");
    expect(other.asked).toEqual(["PUT /moved what a layer holds"]);
    expect(await outcome(answers(302).host, { credentials: bob })).toContain("302");
    expect(other.asked.length).toBe(1);
  });

  test.each([
    ["nowhere", undefined, "does not say where an upload goes on"],
    ["a file", "file:///etc/passwd", "redirects to file://, which is not secure"],
    ["a socket", "unix:///run/x", "redirects to unix://, which is not secure"],
    ["no address", "http://[", "which is no address"],
  ])("D07 %s is refused", async (_title, location, message) => {
    const { host, asked } = serve(() =>
      location === undefined ? new Response("", { status: 202 }) : new Response("", { status: 202, headers: { Location: location } }),
    );
    expect(await outcome(host)).toContain(message);
    expect(asked.length).toBe(1);
  });
});

describe("send() with credentials", () => {
  test("asks for the right to push and to read where it takes from, and gets a new token for one that ended", async () => {
    let tokens = 0;
    const { host, asked } = serve(({ path, authorization, headers, method }) => {
      if (path.startsWith("/token")) {
        tokens += 1;
        return Response.json({ token: `t${tokens}` });
      }
      const realm = `Bearer realm="http://${headers.get("host")}/token",service="s",scope="repository:x:pull"`;
      // The first token ends between the two requests of an upload.
      return authorization === (method === "PUT" ? "Bearer t2" : "Bearer t1") ? undefined : challenged(realm);
    });
    expect(await outcome(host, { credentials: bob, from: "a/b" })).toBe("sent");
    const tokenAsked = asked.filter((line) => line.startsWith("GET /token"));
    const scope = encodeURIComponent;
    expect(tokenAsked).toEqual([
      `GET /token?service=s&scope=${scope("repository:x:pull,push")}&scope=${scope("repository:a/b:pull")} ${bobs}`,
      `GET /token?service=s&scope=${scope("repository:x:pull,push")} ${bobs}`,
    ]);
    expect(asked.at(-1)).toContain("Bearer t2 what a layer holds");
  });

  test("tells who has no password from whose password is wrong", async () => {
    const { host } = serve(() => challenged('Basic realm="r"'));
    const denied = "push access denied, repository does not exist or may require authorization: authorization failed:";
    expect(await outcome(host)).toBe(`${denied} no basic auth credentials`);
    expect(await outcome(host, { credentials: bob })).toBe(`${denied} the registry does not take these credentials`);
  });
});

describe("has(), find() and put()", () => {
  const at = (host: string, tag = "v1"): ReturnType<typeof parseReference> => parseReference(`${host}/x:${tag}`);

  test("has() is what HEAD says", async () => {
    const { registry } = client();
    const { host, asked } = serve((_seen, nth) => (nth === 1 ? new Response("") : undefined));
    expect([await registry.has(at(host), digest, { signal }), await registry.has(at(host), digest, { signal })]).toEqual([true, false]);
    expect(asked[0]).toBe(`HEAD /v2/x/blobs/${digest}`);
    const broken = serve(() => new Response("", { status: 500 }));
    expect(await failure(registry.has(at(broken.host), digest, { signal }))).toContain(
      `unexpected status from HEAD request to http://${broken.host}/v2/x/blobs/${digest}: 500`,
    );
  });

  test("find() is the digest that the registry tells, none for what is no digest", async () => {
    const { registry } = client();
    const told = (value: string): Double => serve(() => new Response("", { headers: { "Docker-Content-Digest": value } }));
    expect(await registry.find(at(told(digest).host), { signal })).toBe(digest);
    expect(await registry.find(at(told("sha256:../x").host), { signal })).toBeUndefined();
    expect(await registry.find(at(serve().host), { signal })).toBeUndefined();
  });

  test("put() stores under the tag, or the digest where there is none, and says why not", async () => {
    const { registry } = client();
    const { host, asked } = serve();
    await registry.put(at(host), manifest, { signal });
    await registry.put(parseReference(`${host}/x`), manifest, { signal });
    expect(asked).toEqual(["PUT /v2/x/manifests/v1 what a layer holds", `PUT /v2/x/manifests/${digest} what a layer holds`]);
    const rejects = serve(() => refused(400, "manifest invalid"));
    expect(await failure(registry.put(at(rejects.host), manifest, { signal }))).toContain("error from registry: manifest invalid");
  });

  test("put() refuses a registry that stored something else", async () => {
    const other = `sha256:${"0".repeat(64)}`;
    const { host } = serve(() => new Response("", { status: 201, headers: { "Docker-Content-Digest": other } }));
    expect(await failure(client().registry.put(at(host), manifest, { signal }))).toContain(
      `registry ${host} stored ${other} instead of ${digest}`,
    );
  });
});

describe("tags()", () => {
  const list = (tags: readonly unknown[], link?: string): Response =>
    Response.json({ name: "x", tags }, link === undefined ? {} : { headers: { Link: link } });

  test("follows pages where they are, whatever host they name", async () => {
    const { host, asked } = serve(({ path }) =>
      path.includes("last=b") ? list(["c"]) : list(["a", "b"], '<https://evil.example/v2/other/tags/list?last=b&n=2>; rel="next"'),
    );
    expect(await client().registry.tags(parseReference(`${host}/x`), { signal })).toEqual(["a", "b", "c"]);
    expect(asked).toEqual(["GET /v2/x/tags/list", "GET /v2/x/tags/list?last=b&n=2"]);
  });

  test("D09 ends with a list that does not", async () => {
    let page = 0;
    const { host, asked } = serve(() => list(["a"], `</v2/x/tags/list?last=${(page += 1)}>; rel="next"`));
    expect(await failure(client().registry.tags(parseReference(`${host}/x`), { signal }))).toContain("or does not end");
    expect(asked.length).toBeLessThan(1_001);
  });

  test("D09 ends with more tags than anybody has, and with bytes without end", async () => {
    const many = serve(() => list(Array.from({ length: 20_000 }, (_, index) => `t${index}`)));
    const long = serve(() => list(["x".repeat(2_000_000)]));
    const ask = (host: string): Promise<readonly string[]> => client().registry.tags(parseReference(`${host}/x`), { signal });
    expect(await failure(ask(many.host))).toContain("lists more than 10000 tags of x");
    expect(await failure(ask(long.host))).toContain("more than 1048576 bytes");
  });

  test("refuses what is no tag", async () => {
    const { host } = serve(() => list(["../../x"]));
    expect(await failure(client().registry.tags(parseReference(`${host}/x`), { signal }))).toContain('lists "../../x", which is no tag');
  });
});
