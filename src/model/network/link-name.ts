import { formatIpv4 } from "./ipv4.ts";

/**
 * The MAC that belongs to an address: 02:42 and the address's four bytes. An address that is given anew keeps its MAC,
 * so that no neighbour holds a stale entry.
 */
export function macOf(address: number): string {
  const bytes = formatIpv4(address).split(".").map(Number);
  return ["02", "42", ...bytes.map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

/** What the names of all interfaces start with that belong to the daemon with this bridge: "v" and six hex digits (FNV-1a, 24 bits). */
export function hostLinkPrefix(bridge: string): string {
  let hash = 0x811c9dc5;
  for (const character of bridge) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return `v${((hash >>> 24) ^ (hash & 0xffffff)).toString(16).padStart(6, "0")}`;
}

/** Name of an endpoint's interface on the host: 15 bytes, the most that the kernel takes (IFNAMSIZ). */
export function hostLinkName(bridge: string, endpointId: string): string {
  return hostLinkPrefix(bridge) + endpointId.slice(0, 8);
}
