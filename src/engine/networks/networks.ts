import { fault, type Instant, messageOf, newId, now, type Logger, type Table } from "#base";
import type { Container } from "#container";
import { bridgeNetworkOf, type Fabric, findNetwork, type Network, standingNetworks } from "#network";

/** A network as the state database keeps it, by its id. */
export interface NetworkRow {
  readonly version: 1;
  readonly network: Network;
}

/** The networks there are, with ids that outlive the daemon: clients remember them. */
export class Networks {
  readonly #table: Table<NetworkRow>;
  readonly #byName = new Map<string, Network>();

  constructor(table: Table<NetworkRow>) {
    this.#table = table;
  }

  /** Reads what an earlier daemon knew, and makes the standing networks that are missing; without a bridge there is none of that name. */
  async load(options: { readonly bridge: boolean; readonly at?: Instant }): Promise<void> {
    for (const { network } of await this.#table.load()) this.#byName.set(network.name, network);
    const { bridge, at = now() } = options;
    for (const [name, driver] of Object.entries(standingNetworks)) {
      if (this.#byName.has(name)) continue;
      const network: Network = { id: newId(), name, driver, created: at };
      this.#byName.set(name, network);
      await this.#table.put(network.id, { version: 1, network }, "volatile");
    }
    if (!bridge) this.#byName.delete("bridge");
  }

  /** Makes the bridges of an earlier daemon's networks stand. One that cannot is told of: containers in it do not start, all else goes on. */
  async open({ fabric, logger, mtu }: { readonly fabric: Fabric; readonly logger: Logger; readonly mtu: number }): Promise<void> {
    for (const network of this.#byName.values()) {
      if (!hasBridge(network)) continue;
      try {
        await fabric.open(bridgeNetworkOf(network, { mtu }));
      } catch (error) {
        logger.error("network could not be set up", { network: network.name, error: messageOf(error) });
      }
    }
  }

  /** By name. */
  all(): readonly Network[] {
    return [...this.#byName.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** By whole name, else id, else a prefix of the id. @throws not-found, invalid */
  find(reference: string): Network {
    return this.#byName.get(reference) ?? findNetwork([...this.#byName.values()], reference);
  }

  /** One of Docker's own; the default bridge is missing where the daemon runs without. */
  standing(name: keyof typeof standingNetworks): Network | undefined {
    return this.#byName.get(name);
  }

  /** Writes it down; its name is taken from the call on. @throws conflict in Docker's words */
  async add(network: Network): Promise<void> {
    if (this.#byName.has(network.name)) throw fault("conflict", `network with name ${network.name} already exists`);
    this.#byName.set(network.name, network);
    try {
      await this.#table.put(network.id, { version: 1, network }, "durable");
    } catch (error) {
      this.#byName.delete(network.name);
      throw error;
    }
  }

  async remove({ id, name }: Network): Promise<void> {
    this.#byName.delete(name);
    await this.#table.remove(id, "durable");
  }

  /** The id of the network that a container was put into at its first start. */
  idOf({ state, spec }: Container): string | undefined {
    return state.status === "created" || spec.host.network === "network" ? undefined : this.#byName.get(spec.host.network)?.id;
  }
}

/** True for one with a bridge that somebody asked for. */
export function hasBridge({ driver, subnets, configOnly = false }: Network): boolean {
  return driver === "bridge" && subnets !== undefined && !configOnly;
}
