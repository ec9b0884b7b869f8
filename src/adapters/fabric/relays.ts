import { closeFd } from "#linux";
import type { Endpoint } from "#network";
import { PortRelay, type RelayTarget, relayTarget } from "./port-relay.ts";

/** The relays of live sandboxes that publish ports of IPv6, by sandbox. */
export class Relays implements Disposable {
  readonly #relays = new Map<string, PortRelay>();
  readonly #endpointOf: (sandboxId: string) => Endpoint | undefined;

  /** `endpointOf` tells the place of a sandbox as it is now: it may move to another network. */
  constructor(endpointOf: (sandboxId: string) => Endpoint | undefined) {
    this.#endpointOf = endpointOf;
  }

  /** Opens a listener where the endpoint needs one, and tells it. */
  async open(endpoint: Endpoint): Promise<readonly number[]> {
    if (!endpoint.ports.some(isIpv6)) return [];
    const relay = PortRelay.open(this.#targetOf(endpoint.sandboxId));
    if (relay === undefined) return [];
    await this.#serve(endpoint, relay);
    return [relay.fd];
  }

  /** Takes the listener that a monitor kept; without one another is opened, which dies with this process. */
  async adopt(endpoint: Endpoint, [kept, ...others]: readonly number[]): Promise<void> {
    for (const fd of others) closeFd(fd);
    if (this.#relays.has(endpoint.sandboxId)) {
      if (kept !== undefined) closeFd(kept);
    } else if (kept === undefined) await this.open(endpoint);
    else await this.#serve(endpoint, PortRelay.adopt(kept, this.#targetOf(endpoint.sandboxId)));
  }

  /** The port that connections to the sandbox's ports of IPv6 are redirected to. */
  portOf(sandboxId: string): number | undefined {
    return this.#relays.get(sandboxId)?.port;
  }

  /** Idempotent. */
  close(sandboxId: string): void {
    this.#relays.get(sandboxId)?.[Symbol.dispose]();
    this.#relays.delete(sandboxId);
  }

  [Symbol.dispose](): void {
    for (const sandboxId of this.#relays.keys()) this.close(sandboxId);
  }

  async #serve({ sandboxId }: Endpoint, relay: PortRelay): Promise<void> {
    this.#relays.set(sandboxId, relay);
    await relay.serve();
  }

  #targetOf(sandboxId: string): RelayTarget {
    return (address, port) => {
      const endpoint = this.#endpointOf(sandboxId);
      const target = relayTarget(endpoint?.ports ?? [], address, port);
      return endpoint?.address === undefined || target === undefined ? undefined : { host: endpoint.address, port: target.containerPort };
    };
  }
}

function isIpv6({ hostIp }: Endpoint["ports"][number]): boolean {
  return hostIp.includes(":");
}
