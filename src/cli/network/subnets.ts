// Docker's client sorts ranges, gateways and reserved addresses to the subnets that hold them.
import { isIPv4 } from "node:net";

interface Asked {
  readonly subnets: readonly string[];
  readonly ranges: readonly string[];
  readonly gateways: readonly string[];
  readonly reserved: Readonly<Record<string, string>>;
}

interface SubnetBody {
  readonly Subnet: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

/** IPAM's Config of a request. @throws Error in Docker's words */
export function subnetsOf({ subnets, ranges, gateways, reserved }: Asked): readonly SubnetBody[] {
  if (subnets.length < ranges.length || subnets.length < gateways.length)
    throw new Error("every ip-range or gateway must have a corresponding subnet");
  const bodies: SubnetBody[] = [];
  for (const subnet of subnets) {
    const other = bodies.find(({ Subnet }) => holds(Subnet, subnet.split("/", 1)[0] ?? "") || holds(subnet, Subnet.split("/", 1)[0] ?? ""));
    if (other !== undefined) throw new Error("multiple overlapping subnet configuration is not supported");
    bodies.push({ Subnet: subnet });
  }
  for (const range of ranges) {
    const body = bodyFor(bodies, range.split("/", 1)[0] ?? "", `range ${range}`);
    if (body.IPRange !== undefined)
      throw new Error(`cannot configure multiple ranges (${range}, ${body.IPRange}) on the same subnet (${body.Subnet})`);
    body.IPRange = range;
  }
  for (const gateway of gateways) {
    const body = bodyFor(bodies, gateway, `gateway ${gateway}`);
    if (body.Gateway !== undefined)
      throw new Error(`cannot configure multiple gateways (${gateway}, ${body.Gateway}) for the same subnet (${body.Subnet})`);
    body.Gateway = gateway;
  }
  for (const [name, address] of Object.entries(reserved)) {
    const body = bodyFor(bodies, address, `aux-address ${address}`);
    body.AuxiliaryAddresses = { ...body.AuxiliaryAddresses, [name]: address };
  }
  return bodies;
}

function bodyFor(bodies: readonly SubnetBody[], address: string, what: string): SubnetBody {
  const found = bodies.find(({ Subnet }) => holds(Subnet, address));
  if (found === undefined) throw new Error(`no matching subnet for ${what}`);
  return found;
}

/** False for what is no address: the daemon has the words for that. */
function holds(subnet: string, address: string): boolean {
  const [base = "", length = "32"] = subnet.split("/");
  if (!isIPv4(base) || !isIPv4(address)) return false;
  const network = (text: string): number =>
    Math.floor(text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) / 2 ** (32 - Number(length)));
  return network(base) === network(address);
}
