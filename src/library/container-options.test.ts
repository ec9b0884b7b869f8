import { expect, test } from "bun:test";
import { createBody } from "./container-options.ts";

test("createBody() asks for no more than what is wanted", () => {
  expect(createBody("busybox", undefined, {})).toEqual({ Image: "busybox", ExposedPorts: {}, HostConfig: { PortBindings: {} } });
});

test("createBody() reads ports as they are written, and leaves a free one to the daemon", () => {
  const body = createBody("x", ["a"], { ports: { 80: 8080, "53/udp": "127.0.0.1:53", 443: "[::1]:8443", 1: 0 } });
  expect(body).toMatchObject({
    Cmd: ["a"],
    ExposedPorts: { "80/tcp": {}, "53/udp": {}, "443/tcp": {}, "1/tcp": {} },
    HostConfig: {
      PortBindings: {
        "80/tcp": [{ HostIp: "", HostPort: "8080" }],
        "53/udp": [{ HostIp: "127.0.0.1", HostPort: "53" }],
        "443/tcp": [{ HostIp: "::1", HostPort: "8443" }],
        "1/tcp": [{ HostIp: "", HostPort: "" }],
      },
    },
  });
});

test("createBody() lets the API's own words go before the options", () => {
  const body = createBody("x", undefined, {
    memory: 5,
    cpus: 0.5,
    user: "me",
    config: { User: "root", HostConfig: { Memory: 7, ReadonlyRootfs: true } },
  });
  expect(body).toMatchObject({ User: "root", HostConfig: { Memory: 7, NanoCpus: 500_000_000, ReadonlyRootfs: true } });
});
