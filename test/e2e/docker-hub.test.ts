// Docker Hub by its own names, in a network where they are the test's.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { helloWorldArchive } from "../../scripts/images/hello-world-image.ts";
import { certificateFolder, type CertificateFolder } from "../support/certificates.ts";
import { succeed } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { type Enclosure, openEnclosure } from "../support/enclosure.ts";
import { projectRoot } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

const names = ["registry-1.docker.io", "auth.docker.io", "production.cloudflare.docker.com", "index.docker.io"];
const folder = mkdtempSync(join(tmpdir(), "gantry-hub-"));
let certificates: CertificateFolder;
let enclosure: Enclosure;
let hub: Bun.Subprocess;
let daemon: TestDaemon;

/** What the hub was asked since it was asked for last. */
let told = 0;
function asked(): readonly string[] {
  const lines = readFileSync(join(folder, "requests"), "utf8").split("\n").slice(1, -1);
  const fresh = lines.slice(told);
  told = lines.length;
  return fresh;
}

beforeAll(async () => {
  certificates = certificateFolder();
  enclosure = await openEnclosure();
  const authority = await certificates.authority("authority");
  const { certFile, keyFile } = await certificates.issue("hub", { by: authority, names: names.map((name) => `DNS:${name}`).join(",") });
  mkdirSync(join(folder, "layout"));
  await succeed(["tar", "-x", "-C", join(folder, "layout")], { stdin: helloWorldArchive() });
  const hosts = join(folder, "hosts");
  writeFileSync(hosts, ["127.0.0.1 localhost", ...names.map((name) => `127.0.0.1 ${name}`), ""].join("\n"));
  await succeed([...enclosure.prefix, "mount", "--bind", hosts, "/etc/hosts"]);
  const program = [process.execPath, join(projectRoot, "test/support/hub-server.ts"), join(folder, "layout"), certFile, keyFile];
  hub = Bun.spawn([...enclosure.prefix, ...program], { stdin: "ignore", stdout: Bun.file(join(folder, "requests")), stderr: "inherit" });
  await waitFor(() => readFileSync(join(folder, "requests"), "utf8").startsWith("ready\n"), { what: "the hub" });
  daemon = await startDaemon({ enclosure, env: { SSL_CERT_FILE: authority.certFile } });
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  hub.kill("SIGKILL");
  await hub.exited;
  await enclosure[Symbol.asyncDispose]();
  certificates[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

test("pull hello-world prints Docker's lines, after Docker's requests", async () => {
  const { code, stdout, stderr } = await daemon.gantry(["pull", "hello-world"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const lines = stdout
    .replaceAll(/sha256:[0-9a-f]{64}/g, "DIGEST")
    .replaceAll(/^[0-9a-f]{12}:/gm, "LAYER:")
    .trim()
    .split("\n");
  expect(lines.filter((line) => !line.startsWith("LAYER:"))).toEqual([
    "Using default tag: latest",
    "latest: Pulling from library/hello-world",
    "Digest: DIGEST",
    "Status: Downloaded newer image for hello-world:latest",
    "docker.io/library/hello-world:latest",
  ]);
  const requests = asked();
  expect(requests.slice(0, 3)).toEqual([
    "registry-1.docker.io GET /v2/library/hello-world/manifests/latest -",
    "auth.docker.io GET /token -",
    "registry-1.docker.io GET /v2/library/hello-world/manifests/latest Bearer",
  ]);
  expect(requests.filter((line) => line.startsWith("auth.")).length).toBe(1);
  const stored = requests.filter((line) => line.startsWith("production."));
  expect(stored.length).toBe(2);
  expect(stored.every((line) => line.endsWith(" -"))).toBe(true);
});

test("run pulls what rmi took away, with the same words", async () => {
  expect((await daemon.gantry(["rmi", "hello-world"])).code).toBe(0);
  asked();
  const { code, stdout, stderr } = await daemon.gantry(["run", "--rm", "--network", "none", "hello-world"]);
  expect(code).toBe(0);
  expect(stdout).toContain("Hello from Gantry");
  expect(stderr).toStartWith("Unable to find image 'hello-world:latest' locally\nlatest: Pulling from library/hello-world\n");
  expect(stderr).toContain("Status: Downloaded newer image for hello-world:latest\n");
  expect(asked().filter((line) => line.startsWith("auth."))).toEqual([]);
});

test("login shows the password to the hub's token server, and a pull afterwards too", async () => {
  const login = (password: string) => daemon.gantry(["login", "-u", "bob", "--password-stdin"], { stdin: password });
  const wrong = await login("wrong");
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    'Error response from daemon: Get "https://registry-1.docker.io/v2/": unauthorized: incorrect username or password\n',
  ]);
  expect((await login("secret")).stdout).toBe("Login Succeeded\n");
  asked();
  expect((await daemon.gantry(["pull", "-q", "hello-world"])).stdout).toBe("docker.io/library/hello-world:latest\n");
  expect(asked().slice(0, 2)).toEqual([
    "registry-1.docker.io GET /v2/library/hello-world/manifests/latest -",
    "auth.docker.io GET /token Basic",
  ]);
});

test("what is not there, and what is there for others only, is said as Docker says it", async () => {
  const { stderr } = await daemon.gantry(["pull", "hello-world:none"]);
  expect(stderr).toContain("docker.io/library/hello-world:none: not found");
  const platform = await daemon.gantry(["pull", "--platform", "linux/s390x", "hello-world"]);
  expect(platform.stderr).toContain(
    "no matching manifest for linux/s390x in the manifest list entries: no match for platform in manifest: not found (there are linux/amd64, linux/arm64)",
  );
});

test("each trouble has a sentence of its own", async () => {
  const said = async (name: string, auth?: object): Promise<string> => {
    const headers: Record<string, string> = auth === undefined ? {} : { "X-Registry-Auth": btoa(JSON.stringify(auth)) };
    const query = `fromImage=${encodeURIComponent(name)}&tag=latest`;
    const url = `http://localhost/images/create?${query}`;
    const reply = await fetch(url, { unix: daemon.place.socket, method: "POST", headers });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    return ((await reply.json()) as { readonly message: string }).message;
  };
  const bob = { username: "bob", serveraddress: "https://index.docker.io/v1/" };
  expect({
    "no such image": await said("absent"),
    "needs login": await said("hidden"),
    "wrong login": await said("hello-world", { ...bob, password: "wrong" }),
    "rate-limited": await said("limited"),
    nowhere: await said("registry.example.invalid/x"),
    "nobody there": await said("production.cloudflare.docker.com:8443/x"),
  }).toEqual({
    "no such image": expect.stringContaining("docker.io/library/absent:latest: not found"),
    "needs login": expect.stringContaining("pull access denied for hidden, repository does not exist or may require 'docker login'"),
    "wrong login": expect.stringContaining("incorrect username or password"),
    "rate-limited": expect.stringMatching(/429 Too Many Requests: .*pull rate limit.*: retry after \d{4}-\d\d-\d\dT/),
    nowhere: expect.stringMatching(/dial tcp: lookup registry\.example\.invalid: (no such host|temporary failure in name resolution)/),
    "nobody there": expect.stringContaining("connect: connection refused"),
  });
});

test("search asks docker.io's index", async () => {
  asked();
  expect((await daemon.gantry(["search", "--format", "{{.Name}} {{.StarCount}} {{.IsOfficial}}", "hello"])).stdout).toBe(
    "hello-world 7 [OK]\n",
  );
  expect(asked()).toEqual(["index.docker.io GET /v1/search Basic"]);
});
