import { fault, type Instant } from "#base";

export type NetworkDriver = "bridge" | "host" | "null";

/** Addresses of a network, as they were asked for or chosen. */
export interface Subnet {
  /** "172.18.0.0/16" */
  readonly subnet: string;
  /** CIDR within it that addresses are given from. */
  readonly range?: string;
  readonly gateway?: string;
  /** Nobody asked for it: an earlier choice of the daemon, which gives no address that somebody names. */
  readonly isChosen?: boolean;
  /** Addresses that are given to nobody, by the name of who has them. */
  readonly reserved?: Readonly<Record<string, string>>;
}

/** A network that containers can be in. */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: NetworkDriver;
  readonly created: Instant;
  // What follows is absent of the standing networks.
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the driver, as the caller wrote them. */
  readonly options?: Readonly<Record<string, string>>;
  readonly ipamOptions?: Readonly<Record<string, string>>;
  readonly subnets?: readonly Subnet[];
  /** Leads nowhere. */
  readonly internal?: boolean;
  readonly attachable?: boolean;
  /** Holds settings for others and no containers. */
  readonly configOnly?: boolean;
  /** The network whose settings it took. */
  readonly configFrom?: string;
}

/** Those that are always there, by the name that a container calls them. */
export const standingNetworks: Readonly<Record<"bridge" | "host" | "none", NetworkDriver>> = {
  bridge: "bridge",
  host: "host",
  none: "null",
};

/** True for one of Docker's own, that nobody makes or removes. */
export function isStanding(name: string): boolean {
  return Object.hasOwn(standingNetworks, name);
}

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
