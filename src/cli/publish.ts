export interface PortBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}

/** Ports of a container as the create body has them, keyed "80/tcp". */
export interface PublishedPorts {
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly PortBindings: Readonly<Record<string, readonly PortBinding[]>>;
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Reads `-p` values: [[IP:][HOST[-HOST]]:]CONTAINER[-CONTAINER][/PROTOCOL]. @throws Error in Docker's words */
export function parsePublished(specs: readonly string[]): PublishedPorts {
  const exposed: Record<string, object> = {};
  const bindings: Record<string, PortBinding[]> = {};
  for (const spec of specs) {
    for (const { key, binding } of portsOf(spec)) {
      exposed[key] = {};
      (bindings[key] ??= []).push(binding);
    }
  }
  return { ExposedPorts: exposed, PortBindings: bindings };
}

function portsOf(spec: string): { readonly key: string; readonly binding: PortBinding }[] {
  const slash = spec.lastIndexOf("/");
  const protocol = slash === -1 ? "tcp" : spec.slice(slash + 1).toLowerCase();
  const parts = (slash === -1 ? spec : spec.slice(0, slash)).split(":");
  const container = parts.pop() ?? "";
  const host = parts.pop() ?? "";
  const ip = addressOf(parts.join(":"));
  if (container === "") throw new Error(`no port specified: ${spec}<empty>`);
  const inside = rangeOf(container, `invalid containerPort: ${container}`);
  const outside = host === "" ? undefined : rangeOf(host, `invalid hostPort: ${host}`);
  if (!["tcp", "udp", "sctp"].includes(protocol)) throw new Error(`invalid proto: ${protocol}`);
  const count = inside.last - inside.first;
  if (outside !== undefined && outside.last - outside.first !== count && count !== 0) {
    throw new Error(`invalid ranges specified for container and host Ports: ${container} and ${host}`);
  }
  return Array.from({ length: count + 1 }, (_, index) => ({
    key: `${inside.first + index}/${protocol}`,
    binding: { HostIp: ip, HostPort: hostPort(outside, index, count) },
  }));
}

function hostPort(outside: Range | undefined, index: number, count: number): string {
  if (outside === undefined) return "";
  if (count === 0 && outside.last !== outside.first) return `${outside.first}-${outside.last}`;
  return String(outside.first + index);
}

function addressOf(text: string): string {
  const bare = /^\[.*\]$/.test(text) ? text.slice(1, -1) : text;
  const ipv4 = /^(?:\d{1,3}\.){3}\d{1,3}$/.test(bare) && bare.split(".").every((part) => Number(part) <= 255);
  if (bare !== "" && !ipv4 && !/^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(bare)) throw new Error(`invalid IP address: ${text}`);
  return bare;
}

function rangeOf(text: string, complaint: string): Range {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || first > 65535 || last > 65535 || last < first) throw new Error(complaint);
  return { first, last };
}
