export { AddressPool } from "./address-pool.ts";
export { type AddressRange, chooseBridgeCidr } from "./bridge-cidr.ts";
export { hostLinkName, hostLinkPrefix, macOf } from "./link-name.ts";
export {
  type Attachment,
  type AttachmentRequest,
  attachmentsOf,
  type BridgeFacts,
  type BridgeNetwork,
  type Endpoint,
  type Fabric,
  type PortProtocol,
  type PublishedPort,
  type Sandbox,
  type SandboxRequest,
} from "./fabric.ts";
export { hostsFile, type HostsFileOptions } from "./hosts-file.ts";
export { type InterfaceCounters, type TrafficCounters } from "./interface-counters.ts";
export { type Cidr, formatCidr, formatIpv4, maskOf, networkOf, parseCidr, parseIpv4 } from "./ipv4.ts";
export { formatIpv6, parseIpv6 } from "./ipv6.ts";
export { everyAddress, everyAddress6, hostAddressOf, PortTable } from "./port-table.ts";
export { bridgeNetworkOf } from "./bridge-options.ts";
export { findNetwork, isStanding, type Network, type NetworkDriver, standingNetworks, type Subnet } from "./network.ts";
export { type Addressed, checkSubnets, chooseSubnet, refuseOverlap } from "./subnets.ts";
export { asksStubOnly, resolvConf, type ResolverOverrides } from "./resolv-conf.ts";
