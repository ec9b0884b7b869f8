import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Server } from "bun";
import { EngineError } from "#base";
import { startRegistry, type TestRegistry } from "../../../test/support/registry.ts";
import { HttpRegistry } from "./http-registry.ts";

/** What the servers were asked, without the registry's own. */
const asked: string[] = [];
let registry: TestRegistry;
let tokens: Server<undefined>;
let broken: Server<undefined>;

beforeAll(async () => {
  registry = await startRegistry({ users: { bob: "secret" } });
  broken = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response("oops", { status: 503, statusText: "Service Unavailable" }),
  });
  tokens = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answerWithTokens });
});

afterAll(async () => {
  await Promise.all([tokens.stop(true), broken.stop(true), registry[Symbol.asyncDispose]()]);
});

/** A registry and its token server in one: bob's password is "secret". */
async function answerWithTokens(request: Request): Promise<Response> {
  const url = new URL(request.url);
  asked.push(
    `${request.method} ${url.pathname}${url.search} ${request.headers.get("authorization") ?? "-"} ${await request.text()}`.trim(),
  );
  if (url.pathname === "/v2/") {
    if (request.headers.get("authorization") === "Bearer good") return new Response("{}");
    return new Response("", { status: 401, headers: { "WWW-Authenticate": `Bearer realm="http://${url.host}/token",service="shelf"` } });
  }
  if (request.method === "POST") return Response.json({ access_token: "good", refresh_token: "newer" });
  if (request.headers.get("authorization") === `Basic ${btoa("bob:secret")}`)
    return Response.json({ token: "good", refresh_token: "lasting" });
  return Response.json({ details: "incorrect username or password" }, { status: 401 });
}

async function login(serverAddress: string, more: { username?: string; password?: string; identityToken?: string } = {}): Promise<string> {
  const credentials = { username: "", password: "", identityToken: "", serverAddress, ...more };
  try {
    const { identityToken } = await new HttpRegistry({ insecureRegistries: [] }).login(credentials, {
      signal: new AbortController().signal,
    });
    return `token ${JSON.stringify(identityToken)}`;
  } catch (error) {
    if (error instanceof EngineError) return `${error.fault}: ${error.message}`;
    throw error;
  }
}

const bob = { username: "bob", password: "secret" };

// Sentences and faults as Docker 28.5.2 has them.
describe("login() at a registry with passwords", () => {
  test("takes the right one, with whatever stands around the host", async () => {
    expect(await login(registry.host, bob)).toBe('token ""');
    expect(await login(`http://${registry.host}/v1/`, bob)).toBe('token ""');
  });

  test("refuses a wrong one, and none", async () => {
    expect(await login(registry.host, { ...bob, password: "wrong" })).toBe(
      `internal: login attempt to http://${registry.host}/v2/ failed with status: 401 Unauthorized`,
    );
    expect(await login(registry.host)).toBe(`internal: Get "http://${registry.host}/v2/": no basic auth credentials`);
  });
});

describe("login() at a registry with tokens", () => {
  test("shows the password to the token server alone, and gives back what it grants", async () => {
    asked.length = 0;
    expect(await login(`127.0.0.1:${tokens.port}`, bob)).toBe('token "lasting"');
    expect(asked).toEqual([
      "GET /v2/ -",
      `GET /token?account=bob&client_id=docker&offline_token=true&service=shelf Basic ${btoa("bob:secret")}`,
      "GET /v2/ Bearer good",
    ]);
  });

  test("renews a token that an earlier login gave", async () => {
    asked.length = 0;
    expect(await login(`127.0.0.1:${tokens.port}`, { identityToken: "older" })).toBe('token "newer"');
    expect(asked[1]).toBe("POST /token - grant_type=refresh_token&refresh_token=older&client_id=docker&scope=&service=shelf");
  });

  test("refuses a wrong password in the token server's words", async () => {
    expect(await login(`127.0.0.1:${tokens.port}`, { ...bob, password: "wrong" })).toBe(
      `unauthorized: Get "http://127.0.0.1:${tokens.port}/v2/": unauthorized: incorrect username or password`,
    );
  });
});

describe("login() elsewhere", () => {
  test("tells of another answer, of none, and of an address that is none", async () => {
    expect(await login(`127.0.0.1:${broken.port}`, bob)).toBe(
      `internal: login attempt to http://127.0.0.1:${broken.port}/v2/ failed with status: 503 Service Unavailable`,
    );
    expect(await login("127.0.0.1:1", bob)).toBe(
      'internal: Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    );
    expect(await login("bad host", bob)).toStartWith('invalid: unable to parse server address: parse "https://bad host":');
  });
});
