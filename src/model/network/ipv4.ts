import { fault } from "#base";

/** An IPv4 address as a number, and how many of its leading bits name the network. */
export interface Cidr {
  readonly address: number;
  readonly prefixLength: number;
}

const dotted = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** Reads a dotted IPv4 address; undefined when the text is none (leading zeros are none: some readers take them for octal). */
export function parseIpv4(text: string): number | undefined {
  const match = dotted.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** The address in dots. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** Reads "172.17.0.1/16". @throws invalid */
export function parseCidr(text: string): Cidr {
  const [addressText = "", lengthText = "", ...rest] = text.split("/");
  const address = parseIpv4(addressText);
  if (address === undefined || rest.length > 0 || !/^\d{1,2}$/.test(lengthText) || Number(lengthText) > 32) {
    throw fault("invalid", `invalid CIDR address: ${text}`);
  }
  return { address, prefixLength: Number(lengthText) };
}

/** The address in dots, a slash, the length. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.address)}/${cidr.prefixLength}`;
}

/** The network's mask as a number: 16 gives 255.255.0.0. */
export function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
}

/** The network that holds the address: its lowest address, same length. */
export function networkOf(cidr: Cidr): Cidr {
  return { address: (cidr.address & maskOf(cidr.prefixLength)) >>> 0, prefixLength: cidr.prefixLength };
}

/** The network's highest address. */
export function broadcastOf(cidr: Cidr): number {
  return (cidr.address | ~maskOf(cidr.prefixLength)) >>> 0;
}

/** True when the network holds the address. */
export function holds(network: Cidr, address: number): boolean {
  return networkOf({ address, prefixLength: network.prefixLength }).address === networkOf(network).address;
}

/** True when two networks share an address. */
export function overlap(one: Cidr, other: Cidr): boolean {
  return one.prefixLength <= other.prefixLength ? holds(one, other.address) : holds(other, one.address);
}
