import { type Instant, newId, now, type Table } from "#base";
import type { Container } from "#container";
import { type Network, standingNetworks } from "#network";

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

  /** By name. */
  all(): readonly Network[] {
    return [...this.#byName.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** The id of the network that a container was put into at its first start. */
  idOf({ state, spec }: Container): string | undefined {
    return state.status === "created" ? undefined : this.#byName.get(spec.host.network)?.id;
  }
}
