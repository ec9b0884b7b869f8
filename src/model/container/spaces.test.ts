import { expect, test } from "bun:test";
import type { ContainerSpec, HostSpec } from "./spec.ts";
import { checkSpaces, otherContainerOf } from "./spaces.ts";

function spec(host: Partial<HostSpec>, hostname = ""): ContainerSpec {
  return { hostname, exposedPorts: [], host: { network: "container", ports: [], ...host } } as unknown as ContainerSpec;
}

// Recorded from Docker 28.5.2.
test.each([
  [spec({ network: "bridge", utsMode: "host" }, "foo"), "hostname and the UTS mode"],
  [spec({}, "foo"), "hostname and the network mode"],
  [spec({ lookup: { servers: ["1.1.1.1"] } }), "dns and the network mode"],
  [spec({ lookup: { extraHosts: ["a:1.1.1.1"] } }), "custom host-to-IP mapping and the network mode"],
  [spec({ publishAll: true }), "port publishing and the container type network mode"],
  [{ ...spec({}), exposedPorts: ["80/tcp"] }, "port exposing and the container type network mode"],
])("checkSpaces() refuses what a shared namespace has no room for", (asked, words) => {
  expect(() => checkSpaces(asked)).toThrow(`conflicting options: ${words}`);
});

test("checkSpaces() takes search domains in another container's network, and a name in the host's", () => {
  expect(() => checkSpaces(spec({ lookup: { search: ["a.b"] } }))).not.toThrow();
  expect(() => checkSpaces(spec({ network: "host" }, "foo"))).not.toThrow();
});

test("otherContainerOf() names the container of a mode", () => {
  expect(["container:web", "host", undefined].map(otherContainerOf)).toEqual(["web", undefined, undefined]);
});
