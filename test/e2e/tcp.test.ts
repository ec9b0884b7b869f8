// The API over TCP: with certificates on both sides, or on loopback and said so (rows E02, H15, H16).
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { certificateFolder, type Certificate } from "../support/certificates.ts";
import { run, type Output } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { sweep } from "../support/sweep.ts";
import { makePlace } from "../support/test-place.ts";
import { builtProgram, stockClient, toolPath } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

const certificates = certificateFolder();
let authority: Certificate;
let server: Certificate;
let client: Certificate;
let daemon: TestDaemon;
let host: string;

setDefaultTimeout(30_000);

beforeAll(async () => {
  authority = await certificates.authority("authority");
  server = await certificates.issue("server", { by: authority, names: "IP:127.0.0.1,DNS:engine.example.org" });
  client = await certificates.issue("client", { by: authority });
  daemon = await startDaemon({ flags: [...mutualTls(server), "-H", "tcp://127.0.0.1:0"] });
  [host = ""] = hostsOf(daemon);
  await loadImage(daemon.place.socket, "busybox");
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  certificates[Symbol.dispose]();
}, 60_000);

/** The flags that dockerd and docker share. */
function mutualTls({ certFile, keyFile }: Certificate): readonly string[] {
  return ["--tlsverify", "--tlscacert", authority.certFile, "--tlscert", certFile, "--tlskey", keyFile];
}

/** The TCP addresses that a daemon says it listens on. */
function hostsOf({ log }: TestDaemon): readonly string[] {
  return [...log.matchAll(/tcp:\/\/[^ "]+/g)].map(([found]) => found);
}

/** The stock client over mutual TLS. */
function overTls(
  args: readonly string[],
  options: { readonly stdin?: string | Uint8Array; readonly as?: Certificate } = {},
): Promise<Output> {
  const { stdin, as = client } = options;
  const command = [stockClient(), ...mutualTls(as), "-H", host, ...args];
  return run(command, { env: { DOCKER_CONFIG: certificates.folder }, ...(stdin !== undefined && { stdin }) });
}

/** Status of a request with these certificates, or "refused". */
async function ask(
  path: string,
  tls: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<number | "refused"> {
  const url = `https://${host.slice("tcp://".length)}${path}`;
  return fetch(url, { tls: { ca: authority.cert, ...tls }, headers, keepalive: false }).then(
    ({ status }) => status,
    () => "refused",
  );
}

describe("mutual TLS", () => {
  test("carries the stock client's ordinary work", async () => {
    expect(await overTls(["run", "--rm", "busybox", "echo", "over tls"])).toMatchObject({ code: 0, stdout: "over tls\n" });
    expect((await overTls(["run", "-d", "--name", "far", "busybox", "sleep", "600"])).code).toBe(0);
    expect((await overTls(["ps", "--format", "{{.Names}}"])).stdout).toBe("far\n");
  });

  test("carries 3 MB of stdin, its end, and what comes after that", async () => {
    const stdin = Buffer.alloc(3 << 20, "0123456789abcdef");
    const script = "wc -c; echo after the end";
    const { code, stdout, stderr } = await overTls(["exec", "-i", "far", "sh", "-c", script], { stdin });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${stdin.length}\nafter the end\n`, stderr: "" });
    const back = await overTls(["exec", "-i", "far", "cat"], { stdin });
    expect([back.code, back.stdout.length]).toEqual([0, stdin.length]);
  });

  test("names the certificate's subject in the audit", () => {
    expect(daemon.log).toMatch(/"caller":"CN=client from 127\.0\.0\.1","verb":"containers\.create","subject":"far"/);
  });

  test("lets nobody in without a certificate of our authority, nor with an old protocol", async () => {
    const strangers = await certificates.authority("strangers");
    const stranger = await certificates.issue("stranger", { by: strangers });
    const { cert, key } = client;
    expect(await ask("/_ping", { cert, key })).toBe(200);
    expect(await ask("/_ping", {})).toBe("refused");
    expect(await ask("/_ping", { cert: stranger.cert, key: stranger.key })).toBe("refused");
    expect((await overTls(["ps"], { as: stranger })).code).toBe(1);
    const bare = await fetch(`http://${host.slice("tcp://".length)}/_ping`, { keepalive: false }).then(
      ({ status }) => status,
      () => "refused",
    );
    expect(bare).toBe("refused");
    const old = await run(["openssl", "s_client", "-connect", host.slice("tcp://".length), "-tls1_1", "-CAfile", authority.certFile], {
      stdin: "",
    });
    expect(old.code).not.toBe(0);
    expect(daemon.log).toContain('"msg":"a TLS client was refused"');
    expect((await overTls(["version", "--format", "{{.Server.Version}}"])).code).toBe(0);
  });

  test("is called by its addresses and by the names of its certificate", async () => {
    const { cert, key } = client;
    const called = (name: string): Promise<number | "refused"> => ask("/info", { cert, key }, { Host: name });
    expect([await called("engine.example.org:2376"), await called("localhost"), await called("evil.test")]).toEqual([200, 200, 403]);
  });
});

describe("a door that may not be opened", () => {
  /** What a daemon says that shall listen there, and its exit code. */
  async function refused(flags: readonly string[]): Promise<string> {
    const place = makePlace();
    try {
      const names = ["--data-root", place.dataRoot, "--exec-root", place.execRoot, "--bridge", place.bridge, "--bip", place.bip];
      const config = ["--config-file", `${place.home}/daemon.json`];
      await Bun.write(`${place.home}/daemon.json`, "{}");
      const { code, stderr } = await run([builtProgram("gantryd"), ...names, ...config, ...flags], { patience: 10_000 });
      return `${code} ${stderr.trimEnd().split("\n").at(-1)}`;
    } finally {
      await sweep(place);
    }
  }

  test("stops the start with one sentence", async () => {
    expect(await refused(["-H", "tcp://0.0.0.0:2375", "--tls=false"])).toBe(
      "1 failed to start daemon: host tcp://0.0.0.0:2375: refused without client certificates, which need tlsverify, tlscacert, tlscert and tlskey",
    );
  });

  test("is one on the bridge, where containers would reach it", async () => {
    const { bip, bridge } = daemon.place;
    const [gateway] = bip.split("/");
    // A daemon on a bridge that is there already.
    const flags = [...mutualTls(server), "--bridge", bridge, "--bip", bip, "-H", `tcp://${gateway}:0`];
    await daemon.terminate();
    expect(await refused(flags)).toBe(
      `1 failed to start daemon: host tcp://${gateway}:0: refused on an address of ${bridge}, which containers reach`,
    );
    await daemon.start();
  });
});

test("plain TCP on loopback works when it was asked for, and knows its callers", async () => {
  await using open = await startDaemon({ flags: ["-H", "tcp://127.0.0.1:0", "--tls=false", "--api-name", "ui.example.org"] });
  const [address = ""] = hostsOf(open);
  const done = await run([stockClient(), "-H", address, "kill", "nobody"], { env: { DOCKER_CONFIG: certificates.folder } });
  expect([done.code, done.stderr]).toEqual([1, expect.stringContaining("No such container: nobody")]);
  expect(open.log).toContain('"caller":"127.0.0.1","verb":"containers.kill","subject":"nobody","outcome":"not-found"');
  const url = `http${address.slice("tcp".length)}/info`;
  const as = (headers: Readonly<Record<string, string>>): Promise<number> =>
    fetch(url, { headers, keepalive: false }).then(({ status }) => status);
  expect([await as({}), await as({ Host: "ui.example.org" })]).toEqual([200, 200]);
  const overSocket = await Promise.all(["ui.example.org", "evil.test"].map((Host) => open.request("/info", { headers: { Host } })));
  expect(overSocket.map(({ status }) => status)).toEqual([200, 403]);
  expect([await as({ Host: "evil.test" }), await as({ Origin: "http://evil.test" }), await as({ Host: "intranet" })]).toEqual([
    403, 403, 403,
  ]);
});

test("containers do not reach a daemon that listens on every address of the host, but do reach what is meant for them (H16)", async () => {
  await using everywhere = await startDaemon({ enclosed: true, flags: [...mutualTls(server), "-H", "tcp://0.0.0.0:2376"] });
  await loadImage(everywhere.place.socket, "busybox");
  const [gateway = ""] = everywhere.place.bip.split("/");
  const listen = [
    ...(everywhere.enclosure?.prefix ?? []),
    toolPath("systemd-socket-activate"),
    "--accept",
    "--inetd",
    "--listen",
    "0.0.0.0:7",
    "echo",
    "hello",
  ];
  const neighbour = Bun.spawn(listen, { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  try {
    await waitFor(async () => (await everywhere.run(["ss", "-Hltn"])).stdout.includes(":7 "), { what: "the neighbour" });
    // The bridge's address, and the host's own.
    for (const address of [gateway, "198.51.100.2"]) {
      const probe = `nc -w 1 ${address} 7; nc -w 1 ${address} 2376 </dev/null; echo "code $?"`;
      const { stdout, stderr } = await everywhere.docker(["run", "--rm", "busybox", "sh", "-c", probe]);
      expect([stdout, stderr]).toEqual(["hello\ncode 1\n", expect.stringContaining("timed out")]);
    }
    const { stderr } = await everywhere.run(["openssl", "s_client", "-connect", "198.51.100.2:2376", "-CAfile", authority.certFile], {
      stdin: "",
    });
    expect(stderr).toContain("CN = server");
  } finally {
    neighbour.kill("SIGKILL");
    await neighbour.exited;
  }
});
