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

/** Reads `--expose` values: PORT[-PORT][/PROTOCOL]. @throws Error in Docker's words */
export function parseExposed(specs: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(
    specs.flatMap((spec) => {
      if (spec.includes(":")) throw new Error(`invalid port format for --expose: ${spec}`);
      const slash = spec.indexOf("/");
      const ports = slash === -1 ? spec : spec.slice(0, slash);
      const protocol = slash === -1 ? "tcp" : spec.slice(slash + 1);
      const { first, last } = parseRange(ports, (reason) => `invalid range format for --expose: ${spec}, error: ${reason}`);
      return Array.from({ length: last - first + 1 }, (_, index) => [`${first + index}/${protocol}`, {}]);
    }),
  );
}

function portsOf(spec: string): { readonly key: string; readonly binding: PortBinding }[] {
  const slash = spec.lastIndexOf("/");
  const protocol = slash === -1 ? "tcp" : spec.slice(slash + 1).toLowerCase();
  const parts = (slash === -1 ? spec : spec.slice(0, slash)).split(":");
  const container = parts.pop() ?? "";
  const host = parts.pop() ?? "";
  const ip = addressOf(parts.join(":"));
  if (container === "") throw new Error(`no port specified: ${spec}<empty>`);
  const inside = rangeOf(container, `Invalid containerPort: ${container}`);
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

/** A port or a range as Go's nat reads it. @throws Error with the reason, in the words that `complaint` puts around it */
function parseRange(text: string, complaint: (reason: string) => string): Range {
  if (text === "") throw new Error(complaint("Empty string specified for ports."));
  const dash = text.indexOf("-");
  const first = parsePort(dash === -1 ? text : text.slice(0, dash), complaint);
  const last = dash === -1 ? first : parsePort(text.slice(dash + 1), complaint);
  if (last < first) throw new Error(complaint(`Invalid range specified for the Port: ${text}`));
  return { first, last };
}

/** @throws Error with the reason of Go's ParseUint, in the words that `complaint` puts around it */
export function parsePort(text: string, complaint: (reason: string) => string): number {
  const reason = (what: string): string => complaint(`strconv.ParseUint: parsing ${JSON.stringify(text)}: ${what}`);
  if (!/^[0-9]+$/.test(text)) throw new Error(reason("invalid syntax"));
  if (Number(text) > 65_535) throw new Error(reason("value out of range"));
  return Number(text);
}
