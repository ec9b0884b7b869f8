import { fault } from "#base";
import { broadcastOf, type Cidr, formatCidr, networkOf, overlap, parseCidr } from "./ipv4.ts";

/** Docker's default pools in Docker's order: 172.17 to 172.31 as /16, then 192.168.0.0/16 in pieces of /20. */
function* defaultPools(): Generator<Cidr> {
  for (let second = 17; second <= 31; second += 1) yield parseCidr(`172.${second}.0.0/16`);
  for (let third = 0; third <= 240; third += 16) yield parseCidr(`192.168.${third}.0/20`);
}

/** A range that networks take their subnets from, cut into pieces of `size` bits. */
export interface AddressRange {
  readonly base: string;
  readonly size: number;
}

function* piecesOf({ base, size }: AddressRange): Generator<Cidr> {
  const whole = networkOf(parseCidr(base));
  if (size < whole.prefixLength || size > 30) throw fault("invalid", `invalid pool ${base}: networks of /${size} cannot be cut from it`);
  const last = broadcastOf(whole);
  for (let address = whole.address; address <= last; address += 2 ** (32 - size)) yield { address, prefixLength: size };
}

function* piecesOfAll(ranges: readonly AddressRange[]): Generator<Cidr> {
  for (const range of ranges) yield* piecesOf(range);
}

/**
 * The bridge's own address where none was asked for: the first address of the first pool (of `ranges`, else Docker's) that no route of the host overlaps.
 * `routes` are destinations ("192.0.2.0/24"); the default route counts as none. @throws conflict when all pools are in use
 */
export function chooseBridgeCidr(routes: readonly string[], ranges: readonly AddressRange[] = []): string {
  const inUse = routes.map(parseCidr).filter((route) => route.prefixLength > 0);
  for (const pool of ranges.length === 0 ? defaultPools() : piecesOfAll(ranges)) {
    if (inUse.some((route) => overlap(route, pool))) continue;
    return formatCidr({ address: pool.address + 1, prefixLength: pool.prefixLength });
  }
  throw fault("conflict", "all predefined address pools have been fully subnetted");
}
