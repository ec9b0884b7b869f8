import { describe, expect, test } from "bun:test";
import type { PublishedPort } from "./fabric.ts";
import { PortTable } from "./port-table.ts";

const port = (hostPort: number, hostIp = "0.0.0.0", protocol: "tcp" | "udp" = "tcp"): PublishedPort => ({
  containerPort: 80,
  protocol,
  hostIp,
  hostPort,
});

describe("reserve()", () => {
  test("names the address that is held, as Docker does", () => {
    const table = new PortTable();
    table.reserve("a", [port(8080)]);
    table.reserve("a", [port(9090, "127.0.0.1")]);
    expect(() => table.reserve("b", [port(8080, "127.0.0.1")])).toThrow("Bind for 0.0.0.0:8080 failed: port is already allocated");
    expect(() => table.reserve("b", [port(9090, "")])).toThrow("Bind for 127.0.0.1:9090 failed: port is already allocated");
  });

  test("that fails keeps none of the ports before the one in conflict", () => {
    const table = new PortTable();
    table.reserve("a", [port(2)]);
    expect(() => table.reserve("b", [port(1), port(2)])).toThrow();
    table.reserve("c", [port(1)]);
    expect(() => table.reserve("d", [port(1)])).toThrow("0.0.0.0:1 failed");
  });

  test("keeps protocols and different addresses apart", () => {
    const table = new PortTable();
    table.reserve("a", [port(53), port(53, "0.0.0.0", "udp"), port(54, "10.0.0.1"), port(54, "10.0.0.2")]);
    expect(() => table.reserve("b", [port(54, "10.0.0.2")])).toThrow("Bind for 10.0.0.2:54 failed");
  });
});

test("reserve() keeps IPv4 and IPv6 apart, and :: from every address of IPv6", () => {
  const table = new PortTable();
  table.reserve("a", [port(80), port(80, "::")]);
  expect(() => table.reserve("b", [port(80, "::1")])).toThrow("Bind for :::80 failed");
  table.reserve("a", [port(81, "::1")]);
  table.reserve("b", [port(81), port(81, "2001:db8::1")]);
  expect(() => table.reserve("c", [port(81, "::")])).toThrow("Bind for ::1:81 failed");
});

test("release() gives back only what the endpoint holds", () => {
  const table = new PortTable();
  table.reserve("a", [port(80)]);
  table.release("b", [port(80)]);
  expect(() => table.reserve("c", [port(80)])).toThrow();
  table.release("a", [port(80)]);
  table.reserve("c", [port(80)]);
  table.release("a", [port(80)]);
  expect(() => table.reserve("d", [port(80)])).toThrow();
});
