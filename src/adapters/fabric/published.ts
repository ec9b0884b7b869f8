import type { UdpFlows } from "#linux";
import type { Endpoint, PublishedPort } from "#network";

/** Ports that name no address are published on this one. */
export function publishedAt(address: string, ports: readonly PublishedPort[]): readonly PublishedPort[] {
  return address === "0.0.0.0" ? ports : ports.map((port) => (port.hostIp === "" ? { ...port, hostIp: address } : port));
}

/** Flows that may have begun before the endpoint's ports were published. */
export function flowsTo(endpoint: Endpoint): readonly UdpFlows[] {
  return endpoint.ports.filter((port) => port.protocol === "udp").map((port) => ({ toPort: port.hostPort }));
}
