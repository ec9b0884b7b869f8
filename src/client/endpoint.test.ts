import { describe, expect, test } from "bun:test";
import { parseEndpoint } from "./endpoint.ts";

describe("parseEndpoint()", () => {
  test.each([
    ["unix:///run/x.sock", { kind: "unix", path: "/run/x.sock", address: "unix:///run/x.sock" }],
    ["tcp://h:1", { kind: "tcp", hostname: "h", port: 1, address: "tcp://h:1" }],
    ["http://h", { kind: "tcp", hostname: "h", port: 2375, address: "tcp://h:2375" }],
    ["tcp://[::1]:99/", { kind: "tcp", hostname: "::1", port: 99, address: "tcp://[::1]:99" }],
    ["h:2376", { kind: "tcp", hostname: "h", port: 2376, address: "tcp://h:2376" }],
  ])("reads %p", (host, endpoint) => {
    expect<object>(parseEndpoint(host)).toEqual(endpoint);
  });

  test.each([
    ["foo://x", "invalid"],
    ["tcp://a:b:c", "invalid"],
    ["tcp://h:99999", "invalid"],
    ["unix://", "invalid"],
    ["", "invalid"],
    ["ssh://h", "unsupported"],
  ])("refuses %p", (host, kind) => {
    expect(() => parseEndpoint(host)).toThrow(expect.objectContaining({ fault: kind }));
  });
});
