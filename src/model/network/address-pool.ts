import { fault } from "#base";
import { broadcastOf, type Cidr, formatCidr, holds, networkOf } from "./ipv4.ts";

/** Addresses of one subnet: who asks gets the lowest that is free. The network's first and last address are never given. */
export class AddressPool {
  readonly #subnet: Cidr;
  readonly #taken = new Set<number>();

  constructor(subnet: Cidr, reserved: readonly number[]) {
    this.#subnet = networkOf(subnet);
    for (const address of reserved) this.reserve(address);
  }

  /** @throws unavailable, Docker's text, when none is free */
  take(): number {
    const last = broadcastOf(this.#subnet);
    for (let address = this.#subnet.address + 1; address < last; address += 1) {
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      return address;
    }
    throw fault("unavailable", `no available IPv4 addresses on this network's address pools: bridge (${formatCidr(this.#subnet)})`);
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
