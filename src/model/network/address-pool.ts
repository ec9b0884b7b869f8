import { fault } from "#base";
import { broadcastOf, type Cidr, formatCidr, formatIpv4, holds, networkOf } from "./ipv4.ts";

/** Addresses of one subnet: who asks gets the lowest that is free. The network's first and last address are never given. */
export class AddressPool {
  readonly #name: string;
  readonly #subnet: Cidr;
  readonly #first: number;
  readonly #last: number;
  readonly #taken = new Set<number>();

  /** `range` is the part of the subnet that addresses are given from. @throws invalid for one that lies elsewhere */
  constructor(
    subnet: Cidr,
    reserved: readonly number[],
    { range = subnet, name = "bridge" }: { readonly range?: Cidr; readonly name?: string } = {},
  ) {
    this.#name = name;
    this.#subnet = networkOf(subnet);
    const part = networkOf(range);
    if (part.prefixLength < subnet.prefixLength || !holds(this.#subnet, part.address))
      throw fault("invalid", `fixed-cidr ${formatCidr(part)} is no part of the bridge's network ${formatCidr(this.#subnet)}`);
    this.#first = Math.max(part.address, this.#subnet.address + 1);
    this.#last = Math.min(broadcastOf(part), broadcastOf(this.#subnet) - 1);
    for (const address of reserved) this.reserve(address);
  }

  /** @throws unavailable, Docker's text, when none is free */
  take(): number {
    for (let address = this.#first; address <= this.#last; address += 1) {
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      return address;
    }
    throw fault("unavailable", `no available IPv4 addresses on this network's address pools: ${this.#name} (${formatCidr(this.#subnet)})`);
  }

  /** Takes this one. @throws denied, Docker's text, when somebody has it or it is nobody's to have */
  takeExactly(address: number): void {
    const isOutside = !holds(this.#subnet, address) || address === this.#subnet.address || address === broadcastOf(this.#subnet);
    if (isOutside) throw fault("invalid", "no configured subnet contains IP address " + formatIpv4(address));
    if (this.#taken.has(address)) throw fault("denied", "Address already in use");
    this.#taken.add(address);
  }

  /** Marks an address as taken; one outside the subnet is nobody's to give and is left alone. Idempotent. */
  reserve(address: number): void {
    if (holds(this.#subnet, address)) this.#taken.add(address);
  }

  /** Gives an address back. Idempotent. */
  release(address: number): void {
    this.#taken.delete(address);
  }
}
