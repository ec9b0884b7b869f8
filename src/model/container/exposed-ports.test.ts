import { expect, test } from "bun:test";
import { containerOf, plainHost, plainImage, plainSpec } from "../../../test/support/containers.ts";
import { exposedPortsOf, portsToPublish } from "./exposed-ports.ts";
import type { HostSpec } from "./spec.ts";

const image = { ...plainImage, config: { ...plainImage.config, exposedPorts: ["80", "53/udp"] } };
const named = { containerPort: 80, protocol: "tcp", hostIp: "127.0.0.1", hostPort: 8080 } as const;

const exposing = (host: Partial<HostSpec>): ReturnType<typeof containerOf> =>
  containerOf({
    id: "a",
    image,
    spec: { ...plainSpec, exposedPorts: ["81/tcp", "80/tcp"], host: { ...plainHost, network: "bridge", ...host } },
  });

test("exposedPortsOf() joins what the container and its image say", () => {
  expect(exposedPortsOf(exposing({}))).toEqual(["81/tcp", "80/tcp", "53/udp"]);
});

test("portsToPublish() adds what is exposed and not named, only where all were asked for", () => {
  expect(portsToPublish(exposing({ ports: [named] }))).toEqual([named]);
  expect(portsToPublish(exposing({ ports: [named], publishAll: true }))).toEqual([
    named,
    { containerPort: 81, protocol: "tcp", hostIp: "", hostPort: 0 },
    { containerPort: 53, protocol: "udp", hostIp: "", hostPort: 0 },
  ]);
  expect(portsToPublish(exposing({ publishAll: true, network: "host" }))).toEqual([]);
});
