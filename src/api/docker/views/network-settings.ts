import { exposedPortsOf, networkNameOf } from "#container";
import type { ContainerView, ListedContainer } from "#engine";
import type { Endpoint } from "#network";

/** NetworkSettings of an inspect reply. */
export function networkSettings(view: ContainerView): Readonly<Record<string, unknown>> {
  const { endpoint } = view;
  return {
    Bridge: "",
    SandboxID: endpoint?.sandboxId ?? "",
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
export function networksOf({ container, endpoint, networkId = "" }: ListedContainer): Readonly<Record<string, unknown>> {
  if (container.spec.host.network === "container") return {};
  return { [networkNameOf(container.spec.host)]: endpointView(endpoint, networkId) };
}

function endpointView(endpoint: Endpoint | undefined, networkId: string): Readonly<Record<string, unknown>> {
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
