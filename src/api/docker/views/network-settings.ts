import { exposedPortsOf, networkNameOf } from "#container";
import type { ContainerView, ListedContainer, NetworkPlace } from "#engine";
import type { Endpoint } from "#network";

/** NetworkSettings of an inspect reply. */
export function networkSettings(view: ContainerView): Readonly<Record<string, unknown>> {
  // What Docker shows beside the networks is the default bridge's.
  const { endpoint: sandbox, places } = view;
  const endpoint = places === undefined ? sandbox : places.find(({ spec }) => spec.network === "bridge")?.attachment;
  return {
    Bridge: "",
    SandboxID: sandbox?.sandboxId ?? "",
    SandboxKey: "",
    Ports: publishedPorts(view),
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: endpoint?.endpointId ?? "",
    Gateway: endpoint?.gateway ?? "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    IPAddress: endpoint?.address ?? "",
    IPPrefixLen: endpoint?.prefixLength ?? 0,
    IPv6Gateway: "",
    MacAddress: endpoint?.mac ?? "",
    Networks: networksOf(view),
  };
}

/** The networks of a container by name, as inspect and list show them. */
export function networksOf({ container, endpoint, networkId = "", places }: ListedContainer): Readonly<Record<string, unknown>> {
  if (container.spec.host.network === "container") return {};
  if (places !== undefined)
    return Object.fromEntries(places.map((place) => [place.spec.network, placeView(place, endpoint !== undefined)]));
  return { [networkNameOf(container.spec.host)]: endpointView(endpoint, networkId) };
}

function placeView({ spec, networkId, attachment, names }: NetworkPlace, isUp: boolean): Readonly<Record<string, unknown>> {
  const { address, linkLocal = [] } = spec;
  const asked = { ...(address !== undefined && { IPv4Address: address }), ...(linkLocal.length > 0 && { LinkLocalIPs: linkLocal }) };
  return {
    ...endpointView(attachment, networkId),
    IPAMConfig: Object.keys(asked).length > 0 || spec.driverOptions !== undefined ? asked : null,
    Links: spec.links ?? null,
    Aliases: spec.aliases ?? null,
    MacAddress: attachment?.mac ?? spec.mac ?? "",
    DriverOpts: spec.driverOptions ?? null,
    GwPriority: spec.priority ?? 0,
    DNSNames: names.length > 0 && (isUp || networkId !== "") ? names : null,
  };
}

function endpointView(
  endpoint: Pick<Endpoint, "address" | "endpointId" | "gateway" | "mac" | "prefixLength"> | undefined,
  networkId: string,
): Readonly<Record<string, unknown>> {
  return {
    IPAMConfig: null,
    Links: null,
    Aliases: null,
    MacAddress: endpoint?.mac ?? "",
    DriverOpts: null,
    GwPriority: 0,
    NetworkID: networkId,
    EndpointID: endpoint?.endpointId ?? "",
    Gateway: endpoint?.gateway ?? "",
    IPAddress: endpoint?.address ?? "",
    IPPrefixLen: endpoint?.prefixLength ?? 0,
    IPv6Gateway: "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    DNSNames: null,
  };
}

function publishedPorts(view: ContainerView): Readonly<Record<string, unknown>> {
  if (view.endpoint === undefined) return {};
  const ports: Record<string, { HostIp: string; HostPort: string }[] | null> = {};
  for (const exposed of exposedPortsOf(view.container)) ports[exposed] = null;
  for (const { containerPort, protocol, hostIp, hostPort } of view.endpoint.ports) {
    const key = `${containerPort}/${protocol}`;
    ports[key] = [...(ports[key] ?? []), { HostIp: anyAddress(hostIp), HostPort: String(hostPort) }];
  }
  return ports;
}

/** One line for each exposed or published port of a running container, as a list shows them. */
export function portLines(view: ListedContainer): readonly Readonly<Record<string, unknown>>[] {
  if (view.endpoint === undefined) return [];
  const published = view.endpoint.ports.map(({ containerPort, protocol, hostIp, hostPort }) => ({
    IP: anyAddress(hostIp),
    PrivatePort: containerPort,
    PublicPort: hostPort,
    Type: protocol,
  }));
  const taken = new Set(published.map((port) => `${port.PrivatePort}/${port.Type}`));
  const bare = exposedPortsOf(view.container).filter((port) => !taken.has(port));
  const unpublished = bare.map((port) => {
    const [number = "", protocol = "tcp"] = port.split("/");
    return { PrivatePort: Number(number), Type: protocol };
  });
  return [...published, ...unpublished].sort((left, right) => left.PrivatePort - right.PrivatePort);
}

function anyAddress(hostIp: string): string {
  return hostIp === "" ? "0.0.0.0" : hostIp;
}
