export { AddressPool } from "./address-pool.ts";
export { chooseBridgeCidr } from "./bridge-cidr.ts";
export { type EndpointPlan, hostLinkName, hostLinkPrefix, macOf, planEndpoint } from "./endpoint-plan.ts";
export { type BridgeFacts, type Endpoint, type Fabric, type PublishedPort, type Sandbox, type SandboxRequest } from "./fabric.ts";
export { hostsFile, type HostsFileOptions } from "./hosts-file.ts";
export { type Cidr, broadcastOf, formatCidr, formatIpv4, holds, maskOf, networkOf, overlap, parseCidr, parseIpv4 } from "./ipv4.ts";
export { everyAddress, hostAddressOf, PortTable } from "./port-table.ts";
export { asksStubOnly, resolvConf } from "./resolv-conf.ts";
