import { formatInstant } from "#base";
import type { NetworkView } from "#engine";
import { type BridgeFacts, isStanding } from "#network";

/** A network as inspect tells of it; a list of newer clients leaves out who is in it. */
export function networkView({ network, bridge, containers }: NetworkView, bare = false): Readonly<Record<string, unknown>> {
  const { internal = false } = network;
  return {
    Name: network.name,
    Id: network.id,
    Created: formatInstant(network.created),
    Scope: "local",
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: {
      Driver: "default",
      Options: isStanding(network.name) ? null : (network.ipamOptions ?? {}),
      Config: bridge === undefined ? subnetsOf(network) : [{ Subnet: bridge.subnet, Gateway: bridge.gateway }],
    },
    Internal: internal,
    Attachable: network.attachable ?? false,
    Ingress: false,
    ConfigFrom: { Network: network.configFrom ?? "" },
    ConfigOnly: network.configOnly ?? false,
    Containers: bare ? {} : Object.fromEntries(containers.map((member) => [member.containerId, memberView(member)])),
    Options: bridge === undefined ? (network.options ?? {}) : optionsOf(bridge),
    Labels: network.labels ?? {},
  };
}

function subnetsOf({ name, subnets = [] }: NetworkView["network"]): readonly Readonly<Record<string, unknown>>[] | null {
  if (isStanding(name)) return null;
  return subnets.map(({ subnet, range, gateway, reserved }) => ({
    Subnet: subnet,
    ...(range !== undefined && { IPRange: range }),
    ...(gateway !== undefined && { Gateway: gateway }),
    ...(reserved !== undefined && { AuxiliaryAddresses: reserved }),
  }));
}

function memberView({ containerName, attachment }: NetworkView["containers"][number]): Readonly<Record<string, string>> {
  const { endpointId, mac, address, prefixLength } = attachment;
  return {
    Name: containerName,
    EndpointID: endpointId,
    MacAddress: mac,
    IPv4Address: address === "" ? "" : `${address}/${prefixLength}`,
    IPv6Address: "",
  };
}

function optionsOf({ name, icc, masquerade, publishAddress, mtu }: BridgeFacts): Readonly<Record<string, string>> {
  const bridge = "com.docker.network.bridge";
  return {
    [`${bridge}.default_bridge`]: "true",
    [`${bridge}.enable_icc`]: String(icc),
    [`${bridge}.enable_ip_masquerade`]: String(masquerade),
    [`${bridge}.host_binding_ipv4`]: publishAddress,
    [`${bridge}.name`]: name,
    "com.docker.network.driver.mtu": String(mtu),
  };
}
