import { fault, type Instant } from "#base";

export type NetworkDriver = "bridge" | "host" | "null";

/** A network that containers can be in. */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: NetworkDriver;
  readonly created: Instant;
}

/** Those that are always there, by the name that a container calls them. */
export const standingNetworks: Readonly<Record<"bridge" | "host" | "none", NetworkDriver>> = {
  bridge: "bridge",
  host: "host",
  none: "null",
};

/** By whole name, else whole id, else a prefix of the id. @throws not-found; invalid for a prefix of several */
export function findNetwork(networks: readonly Network[], reference: string): Network {
  const exact = networks.find(({ name }) => name === reference) ?? networks.find(({ id }) => id === reference);
  if (exact !== undefined) return exact;
  const matching = reference === "" ? [] : networks.filter(({ id }) => id.startsWith(reference));
  if (matching.length > 1)
    throw fault("invalid", `network ${reference} is ambiguous (${matching.length} matches found based on ID prefix)`);
  const [only] = matching;
  if (only === undefined) throw fault("not-found", `network ${reference} not found`);
  return only;
}
