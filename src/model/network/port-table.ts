import { fault } from "#base";
import type { PublishedPort } from "./fabric.ts";

/** An IPv4 host address that means all of them. */
export const everyAddress = "0.0.0.0";
/** An IPv6 host address that means all of them. */
export const everyAddress6 = "::";

/** Tells the name of an endpoint's container, where that is known. */
type NameOf = (endpointId: string) => string | undefined;

/** Published ports of one daemon's live endpoints: no two of them may take the same port of the same host address. */
export class PortTable {
  /** By protocol and port: host address to the endpoint that holds it. */
  readonly #held = new Map<string, Map<string, string>>();

  /** Reserves all ports or none. @throws conflict, Docker's text, naming the address that is held and whose it is */
  reserve(endpointId: string, ports: readonly PublishedPort[], nameOf: NameOf = () => undefined): void {
    const done: PublishedPort[] = [];
    for (const port of ports) {
      const held = this.#conflict(port);
      if (held !== undefined) {
        this.#drop(endpointId, done);
        const owner = held.endpointId === endpointId ? undefined : nameOf(held.endpointId);
        const by = owner === undefined ? "" : ` by container ${owner}`;
        throw fault("conflict", `Bind for ${held.address}:${port.hostPort} failed: port is already allocated${by}`);
      }
      this.#addressesOf(port).set(hostAddressOf(port), endpointId);
      done.push(port);
    }
  }

  /** Takes ports of a live endpoint as they are, after a restart. */
  adopt(endpointId: string, ports: readonly PublishedPort[]): void {
    for (const port of ports) this.#addressesOf(port).set(hostAddressOf(port), endpointId);
  }

  /** Gives back the ports that this endpoint still holds. Idempotent. */
  release(endpointId: string, ports: readonly PublishedPort[]): void {
    this.#drop(endpointId, ports);
  }

  #conflict(port: PublishedPort): { readonly address: string; readonly endpointId: string } | undefined {
    const wanted = hostAddressOf(port);
    for (const [address, endpointId] of this.#addressesOf(port)) {
      const isWide = isEvery(address) || isEvery(wanted);
      if (address === wanted || (isWide && isIpv6(address) === isIpv6(wanted))) return { address, endpointId };
    }
    return undefined;
  }

  #addressesOf(port: PublishedPort): Map<string, string> {
    const key = `${port.protocol}/${port.hostPort}`;
    const found = this.#held.get(key) ?? new Map<string, string>();
    this.#held.set(key, found);
    return found;
  }

  #drop(endpointId: string, ports: readonly PublishedPort[]): void {
    for (const port of ports) {
      const addresses = this.#addressesOf(port);
      if (addresses.get(hostAddressOf(port)) === endpointId) addresses.delete(hostAddressOf(port));
      if (addresses.size === 0) this.#held.delete(`${port.protocol}/${port.hostPort}`);
    }
  }
}

/** The host address of a published port; none means all. */
export function hostAddressOf(port: PublishedPort): string {
  return port.hostIp === "" ? everyAddress : port.hostIp;
}

function isEvery(address: string): boolean {
  return address === everyAddress || address === everyAddress6;
}

/** Addresses stand here as they are written canonically. */
function isIpv6(address: string): boolean {
  return address.includes(":");
}
