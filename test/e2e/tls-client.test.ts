// Our command line over mutual TLS: certificates from flags, from the environment, from a context that has moved by export and import.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateFolder, type Certificate } from "../support/certificates.ts";
import { run, type CommandOptions, type Output } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { builtProgram, stockClient } from "../support/tools.ts";

const certificates = certificateFolder();
let authority: Certificate;
let client: Certificate;
let daemon: TestDaemon;
let host = "";
let folder = "";

setDefaultTimeout(30_000);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gantry-tls-"));
  authority = await certificates.authority("authority");
  const server = await certificates.issue("server", { by: authority, names: "IP:127.0.0.1" });
  client = await certificates.issue("client", { by: authority });
  const flags = ["--tlsverify", "--tlscacert", authority.certFile, "--tlscert", server.certFile, "--tlskey", server.keyFile];
  daemon = await startDaemon({ flags: [...flags, "-H", "tcp://127.0.0.1:0"] });
  host = /tcp:\/\/[^ "]+/.exec(daemon.log)?.[0] ?? "";
  await loadImage(daemon.place.socket, "busybox");
  mkdirSync(join(folder, "certs"));
  copyFileSync(authority.certFile, join(folder, "certs/ca.pem"));
  copyFileSync(client.certFile, join(folder, "certs/cert.pem"));
  copyFileSync(client.keyFile, join(folder, "certs/key.pem"));
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  certificates[Symbol.dispose]();
  rmSync(folder, { recursive: true });
}, 60_000);

function call(program: string, args: readonly string[], options: CommandOptions = {}): Promise<Output> {
  const env = { DOCKER_CONFIG: join(folder, "config"), DOCKER_HOST: "", DOCKER_TLS_VERIFY: "", DOCKER_CERT_PATH: "", ...options.env };
  return run([program, ...args], { ...options, env });
}

const docker = (args: readonly string[], options: CommandOptions = {}): Promise<Output> => call(builtProgram("docker"), args, options);
const echo = ["run", "-i", "--rm", "busybox", "sh", "-c", "cat; exit 3"];

describe("our client over mutual TLS", () => {
  test("takes certificates from flags", async () => {
    const flags = ["--tlsverify", "--tlscacert", authority.certFile, "--tlscert", client.certFile, "--tlskey", client.keyFile, "-H", host];
    const { code, stdout } = await docker([...flags, ...echo], { stdin: "by flags\n" });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "by flags\n" });
  });

  test("takes them from the environment", async () => {
    const env = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: join(folder, "certs") };
    const { code, stdout } = await docker(echo, { env, stdin: "by environment\n" });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "by environment\n" });
  });

  test("takes them from a context, and each client from what the other exported", async () => {
    const files = `ca=${authority.certFile},cert=${client.certFile},key=${client.keyFile}`;
    expect((await docker(["context", "create", "secured", "--docker", `host=${host},${files}`])).code).toBe(0);
    const archive = join(folder, "secured.tar");
    expect((await docker(["context", "export", "secured", archive])).code).toBe(0);
    expect((await call(stockClient(), ["context", "import", "theirs", archive])).code).toBe(0);
    const back = join(folder, "back.tar");
    expect((await call(stockClient(), ["context", "export", "theirs", back])).code).toBe(0);
    expect((await docker(["context", "import", "ours", back])).code).toBe(0);
    for (const [program, context] of [
      [stockClient(), "theirs"],
      [builtProgram("docker"), "theirs"],
      [builtProgram("docker"), "ours"],
    ] as const) {
      const { code, stdout } = await call(program, ["-c", context, ...echo], { stdin: "by context\n" });
      expect({ context, code, stdout }).toEqual({ context, code: 3, stdout: "by context\n" });
    }
  });

  test("is told why it is not let in", async () => {
    const without = await docker(["--tlsverify", "--tlscacert", authority.certFile, "-H", host, "ps"]);
    expect(without.code).toBe(1);
    expect(without.stderr).toContain("error during connect: Get ");
    const stranger = await certificates.authority("stranger");
    const { code, stderr } = await docker(["--tlsverify", "--tlscacert", stranger.certFile, "-H", host, "ps"]);
    expect({ code, told: stderr.includes("x509: certificate signed by unknown authority") }).toEqual({ code: 1, told: true });
  });
});

test("HttpHeaders of config.json go with every request, and DOCKER_CUSTOM_HEADERS in their place", async () => {
  const seen: (string | null)[][] = [];
  const socket = join(folder, "headers.sock");
  using server = Bun.serve({
    unix: socket,
    fetch: ({ headers }) => {
      seen.push([headers.get("X-Meta"), headers.get("X-Other")]);
      return Response.json([]);
    },
  });
  const config = join(folder, "headers");
  mkdirSync(config);
  writeFileSync(join(config, "config.json"), '{"HttpHeaders":{"X-Meta":"1"}}');
  const env = { DOCKER_CONFIG: config, DOCKER_HOST: `unix://${socket}` };
  await docker(["ps"], { env });
  await docker(["ps"], { env: { ...env, DOCKER_CUSTOM_HEADERS: "X-Other=2" } });
  expect(seen).toEqual([
    ["1", null],
    [null, "2"],
  ]);
  await server.stop(true);
});
