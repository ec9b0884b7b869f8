import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { certificateFolder, type Certificate } from "../../test/support/certificates.ts";
import { planDoors } from "./doors.ts";
import type { TlsOptions } from "./tls.ts";

const certificates = certificateFolder();
let server: Certificate;
let mutual: TlsOptions;

beforeAll(async () => {
  const authority = await certificates.authority("authority");
  server = await certificates.issue("server", { by: authority, names: "IP:127.0.0.1,DNS:engine.example.org,DNS:*.farm.example.org" });
  mutual = { verify: true, caPath: authority.certFile, certPath: server.certFile, keyPath: server.keyFile };
});
afterAll(() => certificates[Symbol.dispose]());

/** What the plan throws, or "" when it stands. */
async function refusal(hosts: readonly string[], tls: TlsOptions, env: Readonly<Record<string, string>> = {}): Promise<string> {
  return planDoors({ hosts, tls }, env).then(
    () => "",
    (error: unknown) => String(error),
  );
}

describe("planDoors()", () => {
  test("opens TCP with certificates on any address, under Docker's ports", async () => {
    const doors = await planDoors({ hosts: ["tcp://0.0.0.0:7", "tcp://[::1]", "tcp://:9", "unix:///a"], tls: mutual }, {});
    expect(doors).toMatchObject([
      { kind: "tcp", address: "0.0.0.0", port: 7, lock: { names: ["engine.example.org", "*.farm.example.org"] } },
      { kind: "tcp", address: "::1", port: 2376 },
      { kind: "tcp", address: "127.0.0.1", port: 9 },
      { kind: "unix", path: "/a" },
    ]);
  });

  test("opens TCP without certificates on loopback alone, and only when that was said", async () => {
    const said: TlsOptions = { tls: false, verify: false };
    const loopback = ["tcp://127.0.0.1:0", "tcp://127.9.9.9:0", "tcp://[::1]:0", "tcp://localhost:0", "tcp://localhost"];
    expect(await planDoors({ hosts: loopback, tls: said }, {})).toMatchObject(loopback.map(() => ({ lock: "open" })));
    for (const host of ["tcp://0.0.0.0:2375", "tcp://[::]:2375", "tcp://192.0.2.1:2375", "tcp://[::ffff:127.0.0.1]:2375"])
      expect(await refusal([host], said)).toContain(`host ${host}: refused without client certificates`);
    expect(await refusal(["tcp://127.0.0.1:2375"], { verify: false })).toContain("or say --tls=false");
    expect(await refusal(["tcp://127.0.0.1:2375"], { tls: true, verify: false })).toContain("refused without client certificates");
  });

  test("refuses certificates that are not there, not whole, or for everybody to read", async () => {
    const { keyPath: _key, ...keyless } = mutual;
    const host = ["tcp://127.0.0.1:0"];
    expect(await refusal(host, keyless)).toContain("tlsverify needs tlscacert, tlscert and tlskey");
    expect(await refusal(host, { ...mutual, caPath: "/nowhere/ca.pem" })).toContain("tlscacert: ENOENT");
    expect(await refusal(host, { ...mutual, certPath: server.keyFile })).toContain(`tlscert: ${server.keyFile}`);
    for (const mode of [0o640, 0o604, 0o700, 0o620]) {
      chmodSync(server.keyFile, mode);
      expect([mode, await refusal(host, mutual)]).toEqual([mode, expect.stringContaining(`not 0${mode.toString(8)} of uid 0`)]);
    }
    chmodSync(server.keyFile, 0o400);
    expect(await refusal(host, mutual)).toBe("");
    chmodSync(server.keyFile, 0o600);
  });

  test("refuses a host that is none", async () => {
    for (const host of ["tcp://127.0.0.1:70000", "tcp://a b", "tcp://127.0.0.1:1/x", "http://127.0.0.1", "npipe:////./pipe/x"])
      expect([host, await refusal([host], { tls: false, verify: false })]).toEqual([
        host,
        expect.stringContaining(`host ${host}: must be`),
      ]);
  });

  test("refuses a socket that nobody handed over, or that was meant for another process", async () => {
    const tls: TlsOptions = { verify: false };
    expect(await refusal(["fd://"], tls)).toContain("no such socket was handed over");
    expect(await refusal(["fd://"], tls, { LISTEN_FDS: "1", LISTEN_PID: "1" })).toContain("no such socket was handed over");
    expect(await refusal(["fd://"], tls, { LISTEN_FDS: "many", LISTEN_PID: String(process.pid) })).toContain("LISTEN_FDS=many");
  });
});
