import type { Container } from "./container.ts";
import type { PortBinding } from "./spec.ts";

type Exposing = Pick<Container, "spec" | "image">;

/** What the container and its image expose, each once: "80/tcp". */
export function exposedPortsOf({ spec, image }: Exposing): readonly string[] {
  const all = [...spec.exposedPorts, ...image.config.exposedPorts];
  return [...new Set(all.map((port) => (port.includes("/") ? port : `${port}/tcp`)))];
}

/** The ports that a start publishes: those that were named and, where all were asked for, every other that is exposed. */
export function portsToPublish(container: Exposing): readonly PortBinding[] {
  const { ports, publishAll = false, network } = container.spec.host;
  if (!publishAll || (network !== "bridge" && network !== "network")) return ports;
  const named = new Set(ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`));
  const others = exposedPortsOf(container).filter((port) => !named.has(port));
  return [...ports, ...others.map(freePortFor)];
}

function freePortFor(port: string): PortBinding {
  const [number, protocol] = port.split("/");
  return { containerPort: Number(number), protocol: protocol === "udp" || protocol === "sctp" ? protocol : "tcp", hostIp: "", hostPort: 0 };
}
