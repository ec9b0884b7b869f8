// Registries that are neither on this machine nor listed as insecure: their certificates count, and they send nobody inwards.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateFolder, type CertificateFolder } from "../support/certificates.ts";
import { type Output, succeed } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { type Enclosure, openEnclosure } from "../support/enclosure.ts";
import { projectRoot } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

const address = "198.51.100.2";
const folder = mkdtempSync(join(tmpdir(), "gantry-strangers-"));
const log = join(folder, "log");
let certificates: CertificateFolder;
let enclosure: Enclosure;
let servers: Bun.Subprocess;
let daemon: TestDaemon;
let ports: Readonly<Record<string, number>>;
let clientFiles: { readonly authority: string; readonly cert: string; readonly key: string };

/** The lines of what one server was told. */
function toldTo(name: string): readonly string[] {
  return readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.startsWith(`${name} `));
}

function pull(server: string, repository = "x"): Promise<Output> {
  return daemon.gantry(["pull", `${address}:${ports[server]}/${repository}:v1`]);
}

beforeAll(async () => {
  certificates = certificateFolder();
  const place = certificates.folder;
  const [authority, other] = [await certificates.authority("authority"), await certificates.authority("private")];
  const names = `IP:${address},IP:127.0.0.1,DNS:localhost`;
  await certificates.issue("good", { by: authority, names });
  await certificates.issue("misnamed", { by: authority, names: "DNS:other.example" });
  await certificates.issue("mutual", { by: other, names });
  await certificates.authority("unknown");
  await certificates.authority("clients");
  const clients = { certFile: join(place, "clients.pem"), keyFile: join(place, "clients-key.pem"), cert: "", key: "" };
  const client = await certificates.issue("client", { by: clients });
  clientFiles = { authority: other.certFile, cert: client.certFile, key: client.keyFile };
  const request = join(place, "expired.csr");
  const [key, cert] = [join(place, "expired-key.pem"), join(place, "expired.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=expired"];
  await succeed(["openssl", "req", ...curve, "-keyout", key, "-out", request]);
  const signed = ["-CA", authority.certFile, "-CAkey", authority.keyFile, "-CAcreateserial", "-days", "-1"];
  await succeed(["openssl", "x509", "-req", "-in", request, ...signed, "-out", cert]);
  enclosure = await openEnclosure();
  const program = [process.execPath, join(projectRoot, "test/support/stranger-server.ts"), place];
  servers = Bun.spawn([...enclosure.prefix, ...program], { stdin: "ignore", stdout: Bun.file(log), stderr: "inherit" });
  await waitFor(() => readFileSync(log, "utf8").includes("}\n"), { what: "the registries" });
  ports = JSON.parse(readFileSync(log, "utf8").split("\n", 1)[0] ?? "") as Readonly<Record<string, number>>;
  // Settings of the machine in the test's own view of /etc.
  const etc = join(folder, "etc");
  const own = join(etc, "docker/certs.d", `${address}:${ports["mutual"]}`);
  mkdirSync(own, { recursive: true });
  copyFileSync(clientFiles.authority, join(own, "ca.crt"));
  copyFileSync(clientFiles.cert, join(own, "client.cert"));
  copyFileSync(clientFiles.key, join(own, "client.key"));
  await succeed([...enclosure.prefix, "mount", "-t", "overlay", "overlay", "-o", `lowerdir=${etc}:/etc`, "/etc"]);
  daemon = await startDaemon({ enclosure, env: { SSL_CERT_FILE: authority.certFile } });
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  servers.kill("SIGKILL");
  await servers.exited;
  await enclosure[Symbol.asyncDispose]();
  certificates[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

describe("D04, D11 a registry that is far away", () => {
  test("is asked when an authority of the machine vouches for it", async () => {
    expect((await pull("good")).stderr).toContain("x:v1: not found");
    expect(toldTo("good")).toEqual(["good GET /v2/x/manifests/v1 -"]);
  });

  test.each([
    ["plain", "http: server gave HTTP response to HTTPS client"],
    ["expired", "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"],
    ["misnamed", `tls: failed to verify certificate: x509: certificate is valid for other names, not ${address}`],
    ["unknown", "tls: failed to verify certificate: x509: certificate signed by unknown authority"],
  ])("is asked nothing when it is %s", async (name, sentence) => {
    const { code, stderr } = await pull(name);
    expect([code, stderr.trim().slice(-sentence.length)]).toEqual([1, sentence]);
    expect(toldTo(name)).toEqual([]);
  });

  test("hears no plain text when it hangs up on a handshake", async () => {
    expect((await pull("reset")).code).toBe(1);
    expect(new Set(toldTo("reset"))).toEqual(new Set(["reset handshake"]));
  });

  test("is shown the certificate that certs.d has for it, by its own authority, and for it alone", async () => {
    expect((await pull("mutual")).stderr).toContain("x:v1: not found");
    expect(toldTo("mutual")).toEqual(["mutual GET /v2/x/manifests/v1 -"]);
  });
});

describe("D07 a registry that is far away sends nobody", () => {
  test.each([
    ["loopback", "a local address, which is not allowed"],
    ["localhost", "a local address, which is not allowed"],
    ["six", "a local address, which is not allowed"],
    ["mapped", "a local address, which is not allowed"],
    ["metadata", "a local address, which is not allowed"],
    ["private", "a private address, which is not allowed"],
    ["downgrade", "which is not secure"],
  ])("to %s, neither by a redirect nor for a token", async (place, sentence) => {
    for (const server of ["redirects", "challenges"]) expect((await pull(server, place)).stderr).toContain(sentence);
    expect([...toldTo("inner"), ...toldTo("plain")]).toEqual([]);
  });
});
