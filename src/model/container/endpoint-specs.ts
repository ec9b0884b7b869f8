import type { HostSpec } from "./spec.ts";

/** What is asked for of a container's place in one network. */
export interface EndpointSpec {
  /** The network's name, or as the caller wrote it until it was found. */
  readonly network: string;
  /** The network's id, once it was found. */
  readonly networkId?: string;
  readonly aliases?: readonly string[];
  readonly links?: readonly string[];
  /** Dotted IPv4. */
  readonly address?: string;
  readonly linkLocal?: readonly string[];
  readonly mac?: string;
  readonly driverOptions?: Readonly<Record<string, string>>;
  /** Of the networks with the highest number one is the way out. */
  readonly priority?: number;
}

/** The networks that a container shall be in, the one of its mode first. Those of the host, of nobody and of another container have none. */
export function endpointSpecsOf({
  network,
  networkName,
  endpoints,
}: Pick<HostSpec, "network" | "networkName" | "endpoints">): readonly EndpointSpec[] {
  if (endpoints !== undefined) return endpoints;
  if (network === "bridge") return [{ network: "bridge" }];
  return network === "network" ? [{ network: networkName }] : [];
}
