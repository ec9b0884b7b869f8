// Places in networks before the kernel knows of them: which address, which name, and which network leads out.
import { type Attachment, type AttachmentRequest, formatIpv4, macOf, parseIpv4 } from "#network";
import { fault, newId } from "#base";
import type { Bridges, OpenBridge } from "./bridges.ts";

/** Takes an address in the network. @throws denied when it is taken, unavailable when none is left */
export function attach(bridges: Bridges, request: AttachmentRequest, interfaceName: string): Attachment {
  const { networkId, priority = 0 } = request;
  const { pool, way, gateway } = bridges.get(networkId);
  const number = take(pool, request.address);
  return {
    endpointId: newId(),
    ...(networkId !== undefined && { networkId }),
    interfaceName,
    address: formatIpv4(number),
    prefixLength: gateway.prefixLength,
    ...(way !== undefined && { gateway: formatIpv4(way) }),
    mac: request.mac ?? macOf(number),
    ...(priority !== 0 && { priority }),
  };
}

function take(pool: OpenBridge["pool"], asked: string | undefined): number {
  if (asked === undefined) return pool.take();
  const number = parseIpv4(asked);
  if (number === undefined) throw fault("invalid", `invalid IPv4 address: ${asked}`);
  pool.takeExactly(number);
  return number;
}

/** Gives the addresses of all of them, or of none. */
export function attachAll(bridges: Bridges, requests: readonly AttachmentRequest[]): readonly Attachment[] {
  const done: Attachment[] = [];
  try {
    for (const request of requests)
      done.push(attach(bridges, request, request.interfaceName ?? freeName(bridges, done, request.networkId)));
    return orderedByWay(bridges, done);
  } catch (error) {
    for (const each of done) detach(bridges, each);
    throw error;
  }
}

/** Gives the address back. */
export function detach(bridges: Bridges, { networkId, address }: Attachment): void {
  bridges.find(networkId)?.pool.release(parseIpv4(address) ?? 0);
}

/** The lowest name of the network's kind that no interface has: eth0, eth1. */
export function freeName(bridges: Bridges, joined: readonly Attachment[], networkId: string | undefined): string {
  const { interfacePrefix: prefix } = bridges.get(networkId).network;
  const taken = new Set(joined.map(({ interfaceName = "eth0" }) => interfaceName));
  let number = 0;
  while (taken.has(`${prefix}${number}`)) number += 1;
  return `${prefix}${number}`;
}

/** The way out first, as Docker chooses it: what leads out at all, then the highest priority, then the network's name. */
export function orderedByWay(bridges: Bridges, joined: readonly Attachment[]): readonly Attachment[] {
  const nameOf = ({ networkId }: Attachment): string => bridges.find(networkId)?.network.name ?? "";
  return joined.toSorted(
    (one, other) =>
      Number(one.gateway === undefined) - Number(other.gateway === undefined) ||
      (other.priority ?? 0) - (one.priority ?? 0) ||
      (nameOf(one) < nameOf(other) ? -1 : 1),
  );
}

/** In the order of their names: the kernel's numbers follow it. */
export function byInterface({ interfaceName: one = "eth0" }: Attachment, { interfaceName: other = "eth0" }: Attachment): number {
  return one.localeCompare(other, "en", { numeric: true });
}
