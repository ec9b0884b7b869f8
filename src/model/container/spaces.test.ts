import { expect, test } from "bun:test";
import type { ContainerSpec, HostSpec } from "./spec.ts";
import { checkSpaces, checkUserSpace, otherContainerOf } from "./spaces.ts";

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

// The first three by the words of Docker's daemon; the rest is what is not there yet.
test.each([
  [
    { privileged: true },
    "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode",
  ],
  [{ network: "host" }, "cannot share the host's network namespace when user namespaces are enabled"],
  [{ pidMode: "host" }, "cannot share the host PID namespace when user namespaces are enabled"],
  [{ ipcMode: "host" }, "cannot share the host's IPC namespace when user namespaces are enabled"],
  [{ pidMode: "container:a" }, "sharing the PID or IPC namespace of a container without its network is not supported by gantry yet"],
  [{ ipcMode: "container:a" }, "sharing the PID or IPC namespace of a container without its network is not supported by gantry yet"],
  [
    { network: "container", networkName: "container:b", ipcMode: "container:a" },
    "sharing the PID or IPC namespace of a container without its network is not supported by gantry yet",
  ],
  [{ imageMounts: [{}] }, "mounts of type image are not supported by gantry yet"],
  [{ binds: [{ nonRecursive: true }] }, "binds with an owner of their own or without what is mounted below are not supported"],
] as const)("checkUserSpace() refuses %j unless the users are the host's", (asked, words) => {
  const host = { network: "bridge", binds: [], ...asked } as unknown as HostSpec;
  expect(() => checkUserSpace(host)).toThrow(words);
  expect(() => checkUserSpace({ ...host, usernsMode: "host" })).not.toThrow();
});

test("checkUserSpace() takes the network of another container, memory that is shared, and plain binds", () => {
  const host = { network: "container", networkName: "container:a", ipcMode: "shareable", binds: [{ source: "/a", target: "/b" }] };
  expect(() => checkUserSpace(host as unknown as HostSpec)).not.toThrow();
  const pod = { ...host, ipcMode: "container:a", pidMode: "container:a" };
  expect(() => checkUserSpace(pod as unknown as HostSpec)).not.toThrow();
});
