import { describe, expect, test } from "bun:test";
import { refusalOfVisitor, type Doorplate } from "./visitor.ts";

const unix: Doorplate = { local: true, names: [] };
const proxied: Doorplate = { local: true, names: ["ui.example.org"] };
const tcp: Doorplate = { local: false, names: ["build-host", "engine.example.org", "*.farm.example.org"] };

const isLetIn = (plate: Doorplate, headers: Record<string, string>): boolean => refusalOfVisitor(headers, plate) === undefined;

describe("refusalOfVisitor()", () => {
  test("lets in what clients say over a unix socket", () => {
    const known = ["api.moby.localhost", "docker", "localhost", "docker.example.com", "", "unix", "d", "unix.sock", "v1.51"];
    const paths = ["%2Fvar%2Frun%2Fdocker.sock", "/var/run/docker.sock", "2f7661722f72756e2f646f636b65722e736f636b:0", "localhost:2375"];
    expect([...known, ...paths].filter((host) => !isLetIn(unix, { host }))).toEqual([]);
    expect(isLetIn(unix, {})).toBe(true);
  });

  test("lets in addresses and our own names over TCP", () => {
    const ours = ["127.0.0.1:2375", "[::1]:2376", "::1", "192.0.2.7:2376", "localhost:2375", "LOCALHOST", "build-host:2376"];
    const certified = ["engine.example.org", "Engine.Example.org:2376", "seven.farm.example.org:2376"];
    expect([...ours, ...certified].filter((host) => !isLetIn(tcp, { host }))).toEqual([]);
  });

  test("turns away names that somebody else lets point here", () => {
    const foreign = [
      "evil.test",
      "evil.test:2375",
      "localhost.evil.test",
      "127.0.0.1.evil.test",
      "1.2.3.4.5",
      "api.moby.localhost.evil.test",
    ];
    expect(foreign.filter((host) => isLetIn(unix, { host }) || isLetIn(tcp, { host }))).toEqual([]);
    const notCertified = ["farm.example.org", "a.b.farm.example.org", "evilengine.example.org", "intranet", "v1.51", "x.sock"];
    expect(notCertified.filter((host) => isLetIn(tcp, { host }))).toEqual([]);
    expect(refusalOfVisitor({ host: "evil.test" }, unix)).toBe(
      'Host "evil.test" is not a name of this engine: see api-names in its daemon.json',
    );
  });

  test("lets in what a proxy hands on that was named to us, its pages with it", () => {
    const headers = { host: "ui.example.org:9000", origin: "http://ui.example.org:9000", "sec-fetch-site": "same-origin" };
    expect([isLetIn(proxied, headers), isLetIn(unix, headers)]).toEqual([true, false]);
    expect(isLetIn(proxied, { ...headers, origin: "http://evil.test" })).toBe(false);
  });

  test("turns away pages of other origins, whatever they call us", () => {
    const host = "localhost:2375";
    const foreign = ["http://evil.test", "http://localhost", "http://localhost:3000", "null", "file://", "chrome-extension://abc", ""];
    expect(foreign.filter((origin) => isLetIn(tcp, { host, origin }))).toEqual([]);
    expect(isLetIn(tcp, { host, "sec-fetch-site": "cross-site" })).toBe(false);
    expect(isLetIn(tcp, { host, "sec-fetch-site": "same-site" })).toBe(false);
  });

  test("lets in websocket clients, which name the host that they talk to", () => {
    expect(isLetIn(unix, { host: "localhost", origin: "http://localhost" })).toBe(true);
    expect(isLetIn(tcp, { host: "127.0.0.1:2376", origin: "https://127.0.0.1:2376", "sec-fetch-site": "same-origin" })).toBe(true);
  });
});
