import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigFile } from "./config-file.ts";
import { ContextStore } from "./context/store.ts";
import { globalFlags } from "./global-flags.ts";
import { chooseContext, defaultSocket, type Host, resolveHost } from "./host.ts";
import { parseFlags } from "./parse-flags.ts";

type Environment = Readonly<Record<string, string>>;

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gantry-host-"));
  for (const name of ["ca", "cert", "key"]) writeFileSync(join(folder, `${name}.pem`), `my ${name}`);
  const store = new ContextStore(folder);
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const docker = { Host: "tcp://there:1", SkipTLSVerify: false };
  store.write({ Name: "secured", Metadata: {}, Endpoints: { docker } }, { docker: { "ca.pem": bytes("its ca") } });
  store.write({ Name: "unverified", Metadata: {}, Endpoints: { docker: { ...docker, SkipTLSVerify: true } } });
  store.write({ Name: "plain", Metadata: {}, Endpoints: { docker } });
  store.write({ Name: "nowhere", Metadata: {}, Endpoints: {} });
  writeFileSync(join(folder, "config.json"), '{"currentContext":"plain"}');
});

afterAll(() => rmSync(folder, { recursive: true }));

async function choose(args: readonly string[], env: Environment): Promise<Host> {
  const flags = parseFlags({ flags: globalFlags({ DOCKER_CONFIG: folder, ...env }), interspersed: false }, args).values;
  const config = await ConfigFile.open(folder);
  return resolveHost(chooseContext(flags, env, config), flags, env, config);
}

const socket = { kind: "unix", path: defaultSocket, address: `unix://${defaultSocket}` };
const there = { kind: "tcp", hostname: "there", port: 1, address: "tcp://there:1" };
const mine = { ca: "my ca", cert: "my cert", key: "my key" };

describe("the daemon of a call", () => {
  const cases: readonly (readonly [args: string, env: Environment, endpoint: object, chosen: boolean])[] = [
    ["", {}, there, true],
    ["-c default", {}, socket, false],
    ["-H tcp://here", {}, { kind: "tcp", hostname: "here", port: 2375, address: "tcp://here:2375" }, true],
    ["", { DOCKER_HOST: "unix:///x" }, { kind: "unix", path: "/x", address: "unix:///x" }, true],
    ["-H unix:///y", { DOCKER_HOST: "unix:///x", DOCKER_CONTEXT: "plain" }, { kind: "unix", path: "/y", address: "unix:///y" }, true],
    ["", { DOCKER_CONTEXT: "secured" }, { ...there, tls: { ca: "its ca", verify: true } }, true],
    ["-c unverified", { DOCKER_CONTEXT: "secured", DOCKER_HOST: "unix:///x" }, { ...there, tls: { verify: false } }, true],
    ["-c nowhere", {}, socket, false],
    ["--tls -H tcp://there:1", {}, { ...there, tls: { ...mine, verify: false } }, true],
    ["--tlsverify -H tcp://there:1", {}, { ...there, tls: { ...mine, verify: true } }, true],
    ["-H tcp://there:1", { DOCKER_TLS_VERIFY: "1" }, { ...there, tls: { ...mine, verify: true } }, true],
    ["--tlsverify=false -H tcp://there:1", { DOCKER_TLS_VERIFY: "1" }, { ...there, tls: { ...mine, verify: false } }, true],
    ["--tls=false -H tcp://there:1", { DOCKER_TLS: "1" }, there, true],
    [
      "-c default --tls",
      {},
      { kind: "tcp", hostname: "localhost", port: 2376, address: "tcp://localhost:2376", tls: { ...mine, verify: false } },
      false,
    ],
  ];

  test.each(cases)("%p with %j", async (args, env, endpoint, chosen) => {
    const host = await choose(args.split(" ").filter(Boolean), env);
    expect(host).toEqual({ endpoint, chosen } as unknown as Host);
  });

  test("a certificate that is not there by default is none, one that was named is an error", async () => {
    const env = { DOCKER_CERT_PATH: "/absent" };
    const ca = join(folder, "ca.pem");
    const { endpoint } = await choose(["--tls", "--tlscacert", ca, "-H", "tcp://there:1"], env);
    expect(endpoint).toMatchObject({ tls: { ca: "my ca", verify: false } });
    expect(choose(["--tls", "--tlscacert", ca, "--tlskey", "/absent/key.pem", "-H", "tcp://there:1"], env)).rejects.toThrow(
      "Failed to initialize: unable to resolve docker endpoint: open /absent/key.pem: no such file or directory",
    );
  });
});
