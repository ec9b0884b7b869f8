import { formatInstant } from "#base";
import type { NetworkView } from "#engine";
import type { BridgeFacts } from "#network";

/** A network as inspect tells of it; a list of newer clients leaves out who is in it. */
export function networkView({ network, bridge, containers }: NetworkView, bare = false): Readonly<Record<string, unknown>> {
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
      Options: null,
      Config: bridge === undefined ? null : [{ Subnet: bridge.subnet, Gateway: bridge.gateway }],
    },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: bare ? {} : Object.fromEntries(containers.map((member) => [member.containerId, memberView(member)])),
    Options: bridge === undefined ? {} : optionsOf(bridge),
    Labels: {},
  };
}

function memberView({ containerName, endpoint }: NetworkView["containers"][number]): Readonly<Record<string, string>> {
  return {
    Name: containerName,
    EndpointID: endpoint.endpointId,
    MacAddress: endpoint.mac ?? "",
    IPv4Address: endpoint.address === undefined ? "" : `${endpoint.address}/${endpoint.prefixLength}`,
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
