import { expect, test } from "bun:test";
import { bridgeNetworkOf } from "./bridge-options.ts";
import type { Network } from "./network.ts";

const network: Network = { id: "ab".repeat(32), name: "n", driver: "bridge", created: 1n, subnets: [{ subnet: "10.9.0.0/24" }] };
const read = (options: Record<string, string>): unknown => {
  try {
    return bridgeNetworkOf({ ...network, options }, { mtu: 1500 });
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
};

test("bridgeNetworkOf() without options is Docker's default", () => {
  expect(read({})).toEqual({
    id: network.id,
    name: "n",
    bridge: "br-abababababab",
    subnet: "10.9.0.0/24",
    gateway: "10.9.0.1",
    reserved: [],
    internal: false,
    icc: true,
    masquerade: true,
    mtu: 1500,
    publishAddress: "0.0.0.0",
    interfacePrefix: "eth",
  });
});

test("bridgeNetworkOf() reads Docker's options, and keeps what is nobody's", () => {
  const prefix = "com.docker.network.";
  const options = {
    [`${prefix}bridge.name`]: "mine0",
    [`${prefix}bridge.enable_icc`]: "0",
    [`${prefix}bridge.enable_ip_masquerade`]: "False",
    [`${prefix}bridge.host_binding_ipv4`]: "127.0.0.1",
    [`${prefix}bridge.gateway_mode_ipv4`]: "nat",
    [`${prefix}driver.mtu`]: "1400",
    [`${prefix}container_iface_prefix`]: "lan",
    foo: "bar",
  };
  expect(read(options)).toMatchObject({
    bridge: "mine0",
    icc: false,
    masquerade: false,
    publishAddress: "127.0.0.1",
    mtu: 1400,
    interfacePrefix: "lan",
  });
});

test.each([
  ["bridge.enable_icc", "foo", 'value: foo (strconv.ParseBool: parsing "foo": invalid syntax)'],
  ["driver.mtu", "x", 'value: x (strconv.Atoi: parsing "x": invalid syntax)'],
  ["bridge.host_binding_ipv4", "x", "value: x (nil ip)"],
  ["bridge.gateway_mode_ipv4", "foo", "value: foo (unknown gateway mode foo)"],
])("bridgeNetworkOf() refuses %s=%s in Docker's words", (name, value, text) => {
  expect(read({ [`com.docker.network.${name}`]: value })).toBe(`failed to parse com.docker.network.${name} ${text}`);
});

test("G10 injected-name: a bridge name that is no interface name is refused, and what is not there names itself", () => {
  expect(read({ "com.docker.network.bridge.name": 'x"; flush ruleset; #' })).toStartWith("invalid bridge name");
  expect(read({ "com.docker.network.bridge.gateway_mode_ipv4": "routed" })).toBe(
    "com.docker.network.bridge.gateway_mode_ipv4=routed is not implemented",
  );
});
