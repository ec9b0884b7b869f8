import { expect, test } from "bun:test";
import { createRequest, decode, hostConfig, parseApiVersion, parseJson } from "#wire";
import { specOf, type CreateSpec } from "./create-spec.ts";

function read(body: unknown): CreateSpec {
  const context = { version: parseApiVersion("1.51"), runtimes: ["crun"], noHostConfig: hostConfig.zero };
  return specOf(decode(createRequest, parseJson(JSON.stringify(body))), context);
}

function refusal(body: unknown): string {
  try {
    read(body);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "accepted";
}

// Recorded from Docker 28.5.2, but for white space.
test.each([
  [{ IpcMode: "foo" }, "invalid IPC mode: foo"],
  [{ IpcMode: "container:" }, "invalid IPC mode: container:"],
  [{ PidMode: "foo" }, "invalid PID mode: foo"],
  [{ UTSMode: "container:x" }, "invalid UTS mode: container:x"],
  [{ ExtraHosts: ["foo"] }, 'bad format for add-host: "foo"'],
  [{ ExtraHosts: ["a\n1.2.3.4 b:1.2.3.4"] }, 'bad format for add-host: "a\\n1.2.3.4 b:1.2.3.4"'],
  [{ ExtraHosts: ["foo:bar"] }, 'invalid IP address in add-host: "bar"'],
  [{ Dns: ["x"] }, 'invalid IP address in DNS server list: "x"'],
  [{ DnsSearch: ["a\nnameserver 1.1.1.1"] }, 'invalid DnsSearch: "a\\nnameserver 1.1.1.1" has white space'],
])("refuses %j among what is shared and looked up", (host, words) => {
  expect(refusal({ Image: "x", HostConfig: host })).toBe(words);
});

test("reads what is shared and looked up", () => {
  const { spec } = read({
    Image: "x",
    HostConfig: {
      NetworkMode: "container:web",
      IpcMode: "shareable",
      PidMode: "container:web",
      UTSMode: "host",
      CgroupnsMode: "private",
      Init: true,
      Dns: ["1.1.1.1"],
      DnsSearch: ["a.b"],
      ExtraHosts: ["a:::1", "g:host-gateway"],
    },
  });
  expect(spec.host).toMatchObject({
    network: "container",
    networkName: "container:web",
    ipcMode: "shareable",
    pidMode: "container:web",
    utsMode: "host",
    cgroupNamespace: "private",
    init: true,
    lookup: { servers: ["1.1.1.1"], search: ["a.b"], extraHosts: ["a:::1", "g:host-gateway"] },
  });
});

test("refuses an address of its own on the default bridge in Docker's words", () => {
  const body = { Image: "x", NetworkingConfig: { EndpointsConfig: { bridge: { IPAMConfig: { IPv4Address: "x" } } } } };
  expect(refusal(body)).toContain("* user specified IP address is supported on user defined networks only\n* invalid IPv4 address: x\n");
});
