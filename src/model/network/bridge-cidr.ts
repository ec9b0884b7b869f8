import { fault } from "#base";
import { type Cidr, formatCidr, overlap, parseCidr } from "./ipv4.ts";

/** Docker's default pools in Docker's order: 172.17 to 172.31 as /16, then 192.168.0.0/16 in pieces of /20. */
function* defaultPools(): Generator<Cidr> {
  for (let second = 17; second <= 31; second += 1) yield parseCidr(`172.${second}.0.0/16`);
  for (let third = 0; third <= 240; third += 16) yield parseCidr(`192.168.${third}.0/20`);
}

/**
 * The bridge's own address where none was asked for: the first address of the first default pool that no route of the host overlaps.
 * `routes` are destinations ("192.0.2.0/24"); the default route counts as none. @throws conflict when all pools are in use
 */
export function chooseBridgeCidr(routes: readonly string[]): string {
  const inUse = routes.map(parseCidr).filter((route) => route.prefixLength > 0);
  for (const pool of defaultPools()) {
    if (inUse.some((route) => overlap(route, pool))) continue;
    return formatCidr({ address: pool.address + 1, prefixLength: pool.prefixLength });
  }
  throw fault("conflict", "all predefined address pools have been fully subnetted");
}
