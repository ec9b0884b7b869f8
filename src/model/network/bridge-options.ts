// What a network's options say of its bridge, read as Docker reads them.
import { fault } from "#base";
import type { BridgeNetwork } from "./fabric.ts";
import { parseIpv4 } from "./ipv4.ts";
import type { Network } from "./network.ts";
import { gatewayOf } from "./subnets.ts";

const prefix = "com.docker.network.";
const names = {
  bridge: `${prefix}bridge.name`,
  icc: `${prefix}bridge.enable_icc`,
  masquerade: `${prefix}bridge.enable_ip_masquerade`,
  publishAddress: `${prefix}bridge.host_binding_ipv4`,
  gatewayMode: `${prefix}bridge.gateway_mode_ipv4`,
  gatewayModeSix: `${prefix}bridge.gateway_mode_ipv6`,
  mtu: `${prefix}driver.mtu`,
  interfacePrefix: `${prefix}container_iface_prefix`,
} as const;
/** Docker's, and not there yet: an option of nobody's is kept and does nothing, as in Docker. */
const absent = [`${prefix}bridge.inhibit_ipv4`, `${prefix}bridge.trusted_host_interfaces`];

/** The bridge that the network has. @throws invalid, unsupported */
export function bridgeNetworkOf(
  { id, name, options = {}, subnets = [], internal = false }: Network,
  usual: { readonly mtu: number },
): BridgeNetwork {
  const [subnet] = subnets;
  if (subnet === undefined) throw fault("internal", `network ${name} has no addresses`);
  for (const option of absent) if (options[option] !== undefined) throw fault("unsupported", `${option} is not implemented`);
  checkGatewayModes(options);
  return {
    id,
    name,
    bridge: bridgeNameOf(id, options),
    subnet: subnet.subnet,
    gateway: gatewayOf(subnet),
    ...(subnet.range !== undefined && { range: subnet.range }),
    reserved: Object.values(subnet.reserved ?? {}),
    internal,
    icc: truth(options, names.icc),
    masquerade: truth(options, names.masquerade),
    mtu: mtuOf(options) || usual.mtu,
    publishAddress: publishAddressOf(options),
    interfacePrefix: interfacePrefixOf(options),
  };
}

function bridgeNameOf(id: string, options: Readonly<Record<string, string>>): string {
  const name = options[names.bridge] ?? "";
  if (name === "") return `br-${id.slice(0, 12)}`;
  if (!/^[\w.-]{1,15}$/.test(name) || name === "." || name === "..")
    throw fault("invalid", `invalid bridge name ${JSON.stringify(name)}: 1 to 15 letters, digits, dots, dashes and underscores`);
  return name;
}

function truth(options: Readonly<Record<string, string>>, name: string): boolean {
  const text = options[name];
  if (text === undefined) return true;
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw fault("invalid", `failed to parse ${name} value: ${text} (strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax)`);
}

function mtuOf(options: Readonly<Record<string, string>>): number {
  const text = options[names.mtu];
  if (text === undefined) return 0;
  if (!/^[+-]?\d+$/.test(text))
    throw fault("invalid", `failed to parse ${names.mtu} value: ${text} (strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax)`);
  const mtu = Number(text);
  if (mtu !== 0 && (mtu < 68 || mtu > 65_535)) throw fault("invalid", `invalid MTU number: ${mtu}`);
  return mtu;
}

function publishAddressOf(options: Readonly<Record<string, string>>): string {
  const text = options[names.publishAddress];
  if (text === undefined || text === "") return "0.0.0.0";
  if (parseIpv4(text) === undefined) throw fault("invalid", `failed to parse ${names.publishAddress} value: ${text} (nil ip)`);
  return text;
}

function interfacePrefixOf(options: Readonly<Record<string, string>>): string {
  const text = options[names.interfacePrefix] ?? "";
  if (text === "") return "eth";
  // A number follows it, and the kernel takes 15 characters.
  if (!/^[A-Za-z][\w-]{0,11}$/.test(text)) throw fault("invalid", `invalid interface prefix ${JSON.stringify(text)}`);
  return text;
}

function checkGatewayModes(options: Readonly<Record<string, string>>): void {
  for (const name of [names.gatewayMode, names.gatewayModeSix]) {
    const mode = options[name] ?? "";
    if (!["", "nat", "nat-unprotected", "routed", "isolated"].includes(mode))
      throw fault("invalid", `failed to parse ${name} value: ${mode} (unknown gateway mode ${mode})`);
    if (mode !== "" && mode !== "nat") throw fault("unsupported", `${name}=${mode} is not implemented`);
  }
}
