import { describe, expect, test } from "bun:test";
import { parseEndpoint } from "./endpoint.ts";

describe("parseEndpoint()", () => {
  test.each([
    ["unix:///run/x.sock", { kind: "unix", path: "/run/x.sock", address: "unix:///run/x.sock" }],
    ["tcp://h:1", { kind: "tcp", hostname: "h", port: 1, address: "tcp://h:1" }],
    ["http://h", { kind: "tcp", hostname: "h", port: 2375, address: "tcp://h:2375" }],
    ["tcp://[::1]:99/", { kind: "tcp", hostname: "::1", port: 99, address: "tcp://[::1]:99" }],
    ["h:2376", { kind: "tcp", hostname: "h", port: 2376, address: "tcp://h:2376" }],
    ["https://h", { kind: "tcp", hostname: "h", port: 2376, address: "tcp://h:2376", tls: { verify: true } }],
  ])("reads %p", (host, endpoint) => {
    expect<object>(parseEndpoint(host)).toEqual(endpoint);
  });

  test.each([
    ["foo://x", "invalid"],
    ["tcp://a:b:c", "invalid"],
    ["tcp://h:99999", "invalid"],
    ["unix://", "invalid"],
    ["", "invalid"],
    ["fd://", "unsupported"],
  ])("refuses %p", (host, kind) => {
    expect(() => parseEndpoint(host)).toThrow(expect.objectContaining({ fault: kind }));
  });

  test("makes TLS of every TCP host when it is asked for, and of no other", () => {
    const tls = { verify: false };
    expect(["h", "tcp://h:1", "https://h", "unix:///x"].map((host) => parseEndpoint(host, { tls }))).toEqual([
      { kind: "tcp", hostname: "h", port: 2376, address: "tcp://h:2376", tls },
      { kind: "tcp", hostname: "h", port: 1, address: "tcp://h:1", tls },
      { kind: "tcp", hostname: "h", port: 2376, address: "tcp://h:2376", tls },
      { kind: "unix", path: "/x", address: "unix:///x" },
    ]);
  });

  test.each([
    ["ssh://h", "-- h docker system dial-stdio"],
    ["ssh://h/", "-- h docker system dial-stdio"],
    ["ssh://me@h:22", "-l me -p 22 -- h docker system dial-stdio"],
    ["ssh://[::1]/run/x.sock", "-- ::1 docker --host unix:///run/x.sock system dial-stdio"],
    ["ssh://h/run/a%20b;c", "-- h docker --host 'unix:///run/a b;c' system dial-stdio"],
    ["ssh://-oProxyCommand=x", "-- -oProxyCommand=x docker system dial-stdio"],
  ])("runs ssh for %p", (host, args) => {
    expect(parseEndpoint(host)).toMatchObject({ kind: "command", address: host });
    expect(commandOf(host)).toBe(`ssh -o ConnectTimeout=30 -T ${args}`);
  });

  test.each([
    ["ssh://", "hostname is empty"],
    ["ssh://u:p@h", "plain-text password is not supported"],
    ["ssh://u:@h", "plain-text password is not supported"],
    ["ssh://h?x=1", 'query parameters are not allowed: "x=1"'],
    ["ssh://h/a#f", 'fragments are not allowed: "f"'],
    ["ssh://h/%zz", 'invalid URL escape in "/%zz"'],
    ["ssh://a b:c", 'unable to parse "ssh://a b:c"'],
  ])("refuses %p in Docker's words", (host, words) => {
    expect(() => parseEndpoint(host)).toThrow(`ssh host connection is not valid: invalid SSH URL: ${words}`);
  });
});

function commandOf(host: string): string {
  const endpoint = parseEndpoint(host);
  return endpoint.kind === "command" ? endpoint.argv.join(" ") : "";
}
