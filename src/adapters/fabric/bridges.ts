// The bridges of this daemon's networks, each with the addresses that it gives.
import { EngineError, fault, messageOf } from "#base";
import type { KernelPort } from "#linux";
import { AddressPool, type BridgeNetwork, type Cidr, formatCidr, networkOf, parseCidr, parseIpv4 } from "#network";
import { openBridge } from "./bridge.ts";
import type { Rules } from "./no-rules.ts";
import { bridgeElements } from "./ruleset.ts";

/** A bridge that stands. */
export interface OpenBridge {
  readonly network: BridgeNetwork;
  readonly gateway: Cidr;
  /** Where containers send what is not for their network; nowhere on an internal one. */
  readonly way?: number;
  readonly pool: AddressPool;
}

interface BridgesParts {
  readonly kernel: KernelPort;
  readonly firewall: Rules;
  readonly forward: boolean;
  /** The interface group of links that are to go. */
  readonly group: number;
}

/** By the network's id; "" is the default bridge. */
export class Bridges {
  readonly #parts: BridgesParts;
  readonly #open = new Map<string, OpenBridge>();

  constructor(parts: BridgesParts) {
    this.#parts = parts;
  }

  all(): readonly OpenBridge[] {
    return [...this.#open.values()];
  }

  /** Makes the bridge or takes it back; one that is open already is mended. @throws conflict, unavailable */
  async open(network: BridgeNetwork): Promise<OpenBridge> {
    try {
      const standing = await this.#stand(network);
      const opened = this.#open.get(network.id) ?? { network, ...standing };
      this.#open.set(network.id, opened);
      return opened;
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw fault("unavailable", `cannot set up the network of bridge ${network.bridge}: ${messageOf(error)}`, { cause: error });
    }
  }

  /** @throws not-found for a network whose bridge does not stand */
  get(networkId = ""): OpenBridge {
    const found = this.#open.get(networkId);
    if (found === undefined)
      throw networkId === ""
        ? fault("not-found", "network bridge not found")
        : fault("unavailable", `the bridge of network ${networkId} does not stand`);
    return found;
  }

  find(networkId = ""): OpenBridge | undefined {
    return this.#open.get(networkId);
  }

  async close(networkId: string): Promise<void> {
    const found = this.#open.get(networkId);
    if (found === undefined) return;
    this.#open.delete(networkId);
    await this.#parts.firewall.remove(ownerOf(networkId), elementsOf(found));
    await this.#parts.kernel.run("deleteLinks", [found.network.bridge], this.#parts.group);
  }

  async #stand(network: BridgeNetwork): Promise<Omit<OpenBridge, "network">> {
    const { kernel, forward, firewall } = this.#parts;
    const { bridge: name, mtu, range, reserved, internal } = network;
    const { prefixLength } = parseCidr(network.subnet);
    const cidr = `${network.bridgeAddress ?? network.gateway}/${prefixLength}`;
    const { index: _index, ...gateway } = await openBridge(kernel, { name, cidr, mtu, forward });
    if (formatCidr(networkOf(gateway)) !== network.subnet)
      throw fault(
        "conflict",
        `bridge ${name} has the address ${formatCidr(gateway)}, which is not in the network's subnet ${network.subnet}`,
      );
    const way = parseIpv4(network.gateway) ?? gateway.address;
    const taken = [gateway.address, way, ...reserved.map((address) => parseIpv4(address) ?? 0)];
    const pool = new AddressPool(gateway, taken, { name: network.name, ...(range !== undefined && { range: parseCidr(range) }) });
    await firewall.add(ownerOf(network.id), elementsOf({ network, gateway }));
    return { gateway, ...(!internal && { way }), pool };
  }
}

/** Who the rules of a bridge belong to: no endpoint has such an id. */
function ownerOf(networkId: string): string {
  return `network ${networkId}`;
}

function elementsOf({ network, gateway }: Pick<OpenBridge, "network" | "gateway">): ReturnType<typeof bridgeElements> {
  const { bridge: name, icc, masquerade, internal } = network;
  return bridgeElements({ name, gateway, icc, masquerade, internal });
}
