// The places in networks that a container asks for, found when it starts or joins.
import { fault } from "#base";
import type { EndpointSpec } from "#container";
import { type AttachmentRequest, type Network, parseCidr, parseIpv4 } from "#network";
import type { Networks } from "./networks.ts";

/** What the fabric is asked for. @throws denied, invalid in Docker's words */
export function attachmentOf(network: Network, { address, mac, priority }: EndpointSpec): AttachmentRequest {
  if (network.configOnly === true) throw fault("denied", "cannot create endpoint on configuration-only network");
  return {
    ...(network.name !== "bridge" && { networkId: network.id }),
    ...(address !== undefined && { address }),
    ...(mac !== undefined && { mac }),
    ...(priority !== undefined && { priority }),
  };
}

/** The networks of a container, as far as they are there. @throws not-found, invalid for an address that its network cannot give */
export function checkEndpoints(networks: Pick<Networks, "all">, specs: readonly EndpointSpec[]): void {
  for (const spec of specs) {
    const network = networks.all().find(({ name, id }) => spec.network === name || spec.network === id);
    const reasons = network === undefined ? [] : reasonsAgainst(network, spec);
    if (reasons.length > 0)
      throw fault("invalid", `invalid config for network ${spec.network}: invalid endpoint settings:\n${listed(reasons)}`);
  }
}

/** Docker gives a single reason without a star. */
export function listed(reasons: readonly string[]): string {
  return reasons.length === 1 ? (reasons[0] ?? "") : reasons.map((reason) => `* ${reason}`).join("\n");
}

/** Why a container cannot have the address that it asks for. */
export function reasonsAgainst({ name, subnets = [] }: Network, { address }: EndpointSpec): readonly string[] {
  if (address === undefined) return [];
  const number = parseIpv4(address);
  if (number === undefined) return [`invalid IPv4 address: ${address}`];
  if (name === "bridge")
    return [
      "user specified IP address is supported on user defined networks only",
      "user specified IP address is supported only when connecting to networks with user configured subnets",
    ];
  const chosen = subnets.length === 1 && subnets[0]?.isChosen === true;
  if (chosen) return ["user specified IP address is supported only when connecting to networks with user configured subnets"];
  const fits = subnets.some(({ subnet }) => {
    const { address: base, prefixLength } = parseCidr(subnet);
    return Math.floor(number / 2 ** (32 - prefixLength)) === Math.floor(base / 2 ** (32 - prefixLength));
  });
  return fits ? [] : [`no configured subnet or ip-range contain the IP address ${address}`];
}
