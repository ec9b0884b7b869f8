// Which addresses a network may have: Docker's checks in Docker's words, and the choice where none were asked for.
import { fault, isFault } from "#base";
import { type AddressRange, chooseBridgeCidr } from "./bridge-cidr.ts";
import { broadcastOf, type Cidr, formatCidr, formatIpv4, holds, networkOf, overlap, parseCidr, parseIpv4 } from "./ipv4.ts";
import type { Network, Subnet } from "./network.ts";

/** @throws invalid with every reason, a line each */
export function checkSubnets(subnets: readonly Subnet[]): void {
  const reasons = subnets.flatMap(reasonsAgainst);
  if (reasons.length > 0) throw fault("invalid", ["invalid network config:", ...reasons].join("\n"));
}

function reasonsAgainst({ subnet, range, gateway, reserved = {} }: Subnet): readonly string[] {
  const whole = cidrOf(subnet);
  if (whole === undefined) return [`invalid subnet ${subnet}: invalid CIDR block notation`];
  const reasons: string[] = [];
  if (networkOf(whole).address !== whole.address) reasons.push(`invalid subnet ${subnet}: it should be ${formatCidr(networkOf(whole))}`);
  // Two addresses are never given, and one is the bridge's.
  if (whole.prefixLength > 30) reasons.push(`invalid subnet ${subnet}: a network of /${whole.prefixLength} has no room for containers`);
  if (range !== undefined) {
    const part = cidrOf(range);
    if (part === undefined) reasons.push(`invalid ip-range ${range}: invalid CIDR block notation`);
    else if (networkOf(part).address !== part.address)
      reasons.push(`invalid ip-range ${range}: it should be ${formatCidr(networkOf(part))}`);
    else if (part.prefixLength < whole.prefixLength || !holds(whole, part.address))
      reasons.push(`invalid ip-range ${range}: parent subnet ${subnet} doesn't contain ip-range`);
  }
  const addresses = [
    ...(gateway === undefined ? [] : [["gateway", gateway]]),
    ...Object.entries(reserved).map(([name, at]) => [`auxiliary address ${name}`, at]),
  ];
  for (const [what = "", address = ""] of addresses) {
    const number = parseIpv4(address);
    const subject = what === "gateway" ? `gateway ${address}` : what;
    if (number === undefined) reasons.push(`invalid ${subject}: invalid address`);
    else if (!holds(whole, number)) reasons.push(`invalid ${subject}: parent subnet ${subnet} doesn't contain this address`);
  }
  return reasons;
}

function cidrOf(text: string): Cidr | undefined {
  try {
    return parseCidr(text);
  } catch (error) {
    if (isFault(error, "invalid")) return undefined;
    throw error;
  }
}

/** A network with addresses: the default bridge has its own elsewhere. */
export type Addressed = Pick<Network, "name"> & { readonly subnets: readonly Pick<Subnet, "subnet">[] };

/** @throws denied in Docker's words */
export function refuseOverlap({ subnet }: Subnet, others: readonly Addressed[]): void {
  const wanted = parseCidr(subnet);
  if (others.some(({ subnets }) => subnets.some((each) => overlap(parseCidr(each.subnet), wanted))))
    throw fault("denied", "invalid pool request: Pool overlaps with other one on this address space");
}

/** The first of the daemon's pools that neither a route of the host nor a network has. @throws conflict, telling who holds the space */
export function chooseSubnet(routes: readonly string[], others: readonly Addressed[], pools: readonly AddressRange[]): Subnet {
  const taken = others.flatMap(({ subnets }) => subnets.map(({ subnet }) => subnet));
  try {
    const gateway = parseCidr(chooseBridgeCidr([...routes, ...taken], pools));
    return { subnet: formatCidr(networkOf(gateway)), gateway: formatIpv4(gateway.address), isChosen: true };
  } catch (error) {
    if (!isFault(error, "conflict")) throw error;
    const holders = [
      ...others.map(({ name, subnets }) => `network ${name} has ${subnets.map(({ subnet }) => subnet).join(", ")}`),
      ...routes
        .filter((route) => !taken.includes(route) && parseCidr(route).prefixLength > 0)
        .map((route) => `a route of the host leads to ${route}`),
    ];
    const text = `all predefined address pools have been fully subnetted: ${holders.join("; ")}`;
    throw fault("invalid", text, { cause: error });
  }
}

/** Where a network leads out: what was asked for, else the first address that is not reserved. */
export function gatewayOf({ subnet, range, gateway, reserved = {} }: Subnet): string {
  if (gateway !== undefined) return gateway;
  const whole = parseCidr(subnet);
  const part = range === undefined ? whole : parseCidr(range);
  const taken = new Set(Object.values(reserved));
  for (let address = Math.max(part.address, whole.address + 1); address < broadcastOf(part); address += 1)
    if (!taken.has(formatIpv4(address))) return formatIpv4(address);
  throw fault("invalid", `no available IPv4 addresses on this network's address pools: ${subnet}`);
}
