import { afterEach, describe, expect, test } from "bun:test";
import { EngineError } from "#base";
import { type Credentials, parseReference } from "#image";
import { HttpRegistry } from "./http-registry.ts";
import type { RegistrySettings } from "./settings.ts";

const { signal } = new AbortController();
const image = JSON.stringify({
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: `sha256:${"a".repeat(64)}`, size: 2 },
  layers: [],
});
const servers: { stop(force: boolean): unknown }[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(true)));
});

interface Seen {
  readonly host: string;
  /** "GET /path authorization" */
  readonly requests: string[];
}

type Answer = (request: Request, nth: number) => Response | Promise<Response>;

/** A registry of the test's own, that keeps what it was asked. */
function serve(answer: Answer, more: { readonly hostname?: string } = {}): Seen {
  const requests: string[] = [];
  const { hostname = "127.0.0.1" } = more;
  const server = Bun.serve({
    port: 0,
    hostname,
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = request.method === "POST" ? ` ${await request.text()}` : "";
      requests.push(`${request.method} ${pathname}${search} ${request.headers.get("authorization") ?? "-"}${body}`);
      return answer(request, requests.length);
    },
  });
  servers.push(server);
  return { host: `${hostname}:${server.port}`, requests };
}

const found = (): Response => new Response(image, { headers: { "Content-Type": "application/vnd.oci.image.manifest.v1+json" } });

function challenged(challenge: string): Response {
  return new Response("", { status: 401, headers: { "WWW-Authenticate": challenge } });
}

const bob: Credentials = { username: "bob", password: "secret", identityToken: "", serverAddress: "" };
const bobs = `Basic ${btoa("bob:secret")}`;

/** Milliseconds that were waited, none of which the test waits. */
function patient(settings: Partial<RegistrySettings> = {}): { readonly registry: HttpRegistry; readonly waits: number[] } {
  const waits: number[] = [];
  const registry = new HttpRegistry({ certificateFolders: [], ...settings }, (milliseconds) => {
    waits.push(milliseconds);
    return Promise.resolve();
  });
  return { registry, waits };
}

async function pull(registry: HttpRegistry, host: string, credentials?: Credentials): Promise<string> {
  const reference = parseReference(`${host}/x:v1`);
  try {
    await registry.manifest(reference, { ...(credentials !== undefined && { credentials }), signal });
    return "found";
  } catch (error) {
    if (error instanceof EngineError) return `${error.fault}: ${error.message}`;
    throw error;
  }
}

describe("HttpRegistry with a password", () => {
  test("shows it when it is asked for, and from then on with the request", async () => {
    const server = serve((request) => (request.headers.get("authorization") === bobs ? found() : challenged('Basic realm="r"')));
    const { registry } = patient();
    expect([await pull(registry, server.host, bob), await pull(registry, server.host, bob)]).toEqual(["found", "found"]);
    expect(server.requests.map((line) => line.split(" ")[2])).toEqual(["-", "Basic", "Basic"]);
    expect(await pull(registry, server.host)).toContain("no basic auth credentials");
    expect(await pull(registry, server.host, { ...bob, password: "wrong" })).toEndWith(
      "401 Unauthorized: the registry does not take these credentials",
    );
  });

  test("D06 keeps it from a registry that it is not for", async () => {
    const server = serve(() => challenged('Basic realm="r"'));
    const { registry } = patient();
    expect(await pull(registry, server.host, { ...bob, serverAddress: "other.example" })).toContain("no basic auth credentials");
    expect(server.requests).toEqual(["GET /v2/x/manifests/v1 -"]);
  });

  test("shows a mirror none", async () => {
    const server = serve(() => challenged('Basic realm="r"'));
    const mirror = serve(() => challenged('Basic realm="r"'));
    const { registry } = patient({ mirrors: [`${server.host}=http://${mirror.host}`] });
    await pull(registry, server.host, bob);
    expect(mirror.requests).toEqual(["GET /v2/x/manifests/v1 -"]);
    expect(server.requests.at(-1)).toBe(`GET /v2/x/manifests/v1 ${bobs}`);
  });
});

describe("HttpRegistry with tokens", () => {
  /** Registry and token server in one: it gives "one", "two", ... and takes only the newest. */
  function withTokens(grant: (count: number) => object): Seen {
    let count = 0;
    return serve((request) => {
      const { pathname, host } = new URL(request.url);
      if (pathname === "/token") {
        count += 1;
        return Response.json(grant(count));
      }
      if (request.headers.get("authorization") === `Bearer t${count}`) return found();
      return challenged(`Bearer realm="http://${host}/token",service="s",scope="repository:x:pull"`);
    });
  }

  test("shows the password to the token server alone, and keeps the token by whom it is for", async () => {
    const server = withTokens((count) => ({ token: `t${count}`, expires_in: 300 }));
    const { registry } = patient();
    expect([await pull(registry, server.host, bob), await pull(registry, server.host, bob)]).toEqual(["found", "found"]);
    expect(server.requests).toEqual([
      "GET /v2/x/manifests/v1 -",
      `GET /token?service=s&scope=repository%3Ax%3Apull ${bobs}`,
      "GET /v2/x/manifests/v1 Bearer t1",
      "GET /v2/x/manifests/v1 Bearer t1",
    ]);
    server.requests.length = 0;
    await pull(registry, server.host);
    expect(server.requests[0]).toBe("GET /v2/x/manifests/v1 -");
  });

  test("renews a token that is over, or that the registry takes no more", async () => {
    const over = withTokens((count) => ({ token: `t${count}`, expires_in: 1 }));
    const { registry } = patient();
    await pull(registry, over.host);
    over.requests.length = 0;
    expect(await pull(registry, over.host)).toBe("found");
    expect(over.requests.map((line) => line.split("?")[0])).toEqual([
      "GET /v2/x/manifests/v1 -",
      "GET /token",
      "GET /v2/x/manifests/v1 Bearer t2",
    ]);
  });

  test("sends an identity token with POST, and a registry token to the registry itself", async () => {
    const server = withTokens((count) => ({ access_token: `t${count}` }));
    const { registry } = patient();
    const identityToken = { ...bob, username: "", password: "", identityToken: "lasting" };
    expect(await pull(registry, server.host, identityToken)).toBe("found");
    expect(server.requests[1]).toBe(
      "POST /token - grant_type=refresh_token&refresh_token=lasting&client_id=gantry&service=s&scope=repository%3Ax%3Apull",
    );
    server.requests.length = 0;
    expect(await pull(registry, server.host, { ...identityToken, identityToken: "", registryToken: "t1" })).toBe("found");
    expect(server.requests).toEqual(["GET /v2/x/manifests/v1 Bearer t1"]);
  });

  test("says in the token server's words that a password is wrong", async () => {
    const server = serve((request) =>
      new URL(request.url).pathname === "/token"
        ? Response.json({ errors: [{ code: "UNAUTHORIZED", message: "incorrect username or password" }] }, { status: 401 })
        : challenged(`Bearer realm="http://${request.headers.get("host")}/token",service="s"`),
    );
    expect(await pull(patient().registry, server.host, bob)).toBe("unauthorized: error from registry: incorrect username or password");
  });
});

describe("D02 a realm that is not the registry's", () => {
  test("gets no password, unless the configuration names it", async () => {
    const evil = serve(() => Response.json({ token: "t" }), { hostname: "127.0.0.2" });
    const server = serve((request) =>
      request.headers.get("authorization") === "Bearer t" ? found() : challenged(`Bearer realm="http://${evil.host}/token",service="s"`),
    );
    expect(await pull(patient().registry, server.host, bob)).toEndWith(
      `"registry-auth-hosts": ["${server.host}=${evil.host}"] in daemon.json allows it`,
    );
    expect(await pull(patient().registry, server.host, { ...bob, identityToken: "lasting" })).toContain("is not known to trust");
    expect(evil.requests).toEqual([]);
    expect(await pull(patient({ authHosts: [`${server.host}=${evil.host}`] }).registry, server.host, bob)).toBe("found");
    expect(evil.requests).toEqual([`GET /token?service=s&scope=repository%3Ax%3Apull ${bobs}`]);
  });

  test.each(["nonsense", "file:///etc/passwd", "unix:///run/x.sock"])("%s is none", async (realm) => {
    const server = serve(() => challenged(`Bearer realm="${realm}",service="s"`));
    expect(await pull(patient().registry, server.host, bob)).toMatch(/which is (?:not secure|no address)/);
  });
});

describe("D03 redirects", () => {
  test("take no authorization to another origin, and end after five", async () => {
    const other = serve(found, { hostname: "127.0.0.2" });
    const server = serve((request) => {
      if (request.headers.get("authorization") === null) return challenged('Basic realm="r"');
      return Response.redirect(`http://${other.host}/elsewhere`, 307);
    });
    expect(await pull(patient().registry, server.host, bob)).toBe("found");
    expect(other.requests).toEqual(["GET /elsewhere -"]);
    const round: Seen = serve(() => Response.redirect(`http://${round.host}/round`, 307));
    expect(await pull(patient().registry, round.host)).toContain("redirects more than 5 times");
    expect(round.requests.length).toBe(6);
  });

  test.each(["file:///etc/passwd", "gopher://x/", "http://["])("to %s are not followed", async (location) => {
    const server = serve(() => new Response("", { status: 307, headers: { Location: location } }));
    expect(await pull(patient().registry, server.host)).toMatch(/which is (?:not secure|no address)/);
    expect(server.requests.length).toBe(1);
  });
});

describe("a registry that is busy", () => {
  test("is asked again after what it says, then after longer and longer", async () => {
    const server = serve((_, nth) => {
      if (nth === 1) return new Response("", { status: 429, headers: { "Retry-After": "7" } });
      return nth < 5 ? new Response("", { status: 503 }) : found();
    });
    const { registry, waits } = patient();
    expect(await pull(registry, server.host)).toBe("found");
    const [first, second = 0, third = 0, fourth = 0, ...more] = waits;
    expect([first, more]).toEqual([7000, []]);
    for (const [wait, most] of [
      [second, 500],
      [third, 1000],
      [fourth, 2000],
    ] as const) {
      expect(wait).toBeWithin(most / 2, most + 1);
    }
  });

  test("is asked as often as is configured, and not at all before the time that it names", async () => {
    const server = serve(() => new Response("", { status: 503 }));
    const { registry, waits } = patient({ maxAttempts: 3 });
    expect(await pull(registry, server.host)).toContain("503 Service Unavailable");
    expect([server.requests.length, waits.length]).toEqual([3, 2]);
    const limited = serve(() =>
      Response.json(
        { errors: [{ code: "TOOMANYREQUESTS", message: "You have reached your pull rate limit." }] },
        { status: 429, headers: { "Retry-After": "3600" } },
      ),
    );
    expect(await pull(registry, limited.host)).toMatch(
      /429 Too Many Requests: toomanyrequests: You have reached your pull rate limit\.: retry after \d{4}-\d\d-\d\dT/,
    );
    expect(limited.requests.length).toBe(1);
  });
});
