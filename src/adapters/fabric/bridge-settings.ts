import type { ResolverOverrides } from "#network";

/** What may be told about the default bridge; absent is Docker's default. */
export interface BridgeSettings {
  /** Bytes of a packet, on the bridge and on both ends of every container's interface. */
  readonly mtu: number;
  /** False keeps containers from each other. */
  readonly icc: boolean;
  /** False lets containers' own addresses be seen outside. */
  readonly masquerade: boolean;
  /** False puts no rules at all: nothing is published, and nothing is guarded. */
  readonly rules: boolean;
  /** False leaves the kernel's forwarding as it is. */
  readonly forward: boolean;
  /** Where containers send what is not for their network; the bridge's own address where it is absent. */
  readonly gateway?: string;
  /** CIDR that addresses are given from; the whole network where it is absent. */
  readonly fixedCidr?: string;
  /** Where ports are published that name no address. */
  readonly publishAddress: string;
  readonly resolver: ResolverOverrides;
}

export const usualBridge: BridgeSettings = {
  mtu: 1500,
  icc: true,
  masquerade: true,
  rules: true,
  forward: true,
  publishAddress: "0.0.0.0",
  resolver: { servers: [], search: [], options: [] },
};
