import type { PortReply } from "#client";

interface Span {
  readonly first: number;
  readonly last: number;
}

/** Ports of a container as `ps` shows them: neighbours joined, "0.0.0.0:9000-9002->9000-9002/tcp, 99/tcp". */
export function portText(ports: readonly PortReply[]): string {
  const groups = new Map<string, Span>();
  const single: string[] = [];
  const joined: string[] = [];
  const seenKeys: string[] = [];
  for (const port of ports.toSorted(byPort)) {
    const outside = port.PublicPort ?? 0;
    const address = port.IP ?? "";
    if (address !== "" && outside !== 0 && outside !== port.PrivatePort) {
      single.push(`${bracketed(address)}:${outside}->${port.PrivatePort}/${port.Type}`);
      continue;
    }
    const key = address === "" || outside === 0 ? port.Type : `${address}/${port.Type}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { first: port.PrivatePort, last: port.PrivatePort });
      seenKeys.push(key);
    } else if (port.PrivatePort === group.last + 1) {
      groups.set(key, { ...group, last: port.PrivatePort });
    } else {
      joined.push(groupText(key, group));
      groups.set(key, { first: port.PrivatePort, last: port.PrivatePort });
    }
  }
  for (const key of seenKeys) {
    const group = groups.get(key);
    if (group !== undefined) joined.push(groupText(key, group));
  }
  return [...joined, ...single].join(", ");
}

function groupText(key: string, group: Span): string {
  const slash = key.lastIndexOf("/");
  const type = key.slice(slash + 1);
  const span = group.first === group.last ? String(group.first) : `${group.first}-${group.last}`;
  return slash === -1 ? `${span}/${type}` : `${bracketed(key.slice(0, slash))}:${span}->${span}/${type}`;
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

function byPort(a: PortReply, b: PortReply): number {
  return (
    a.PrivatePort - b.PrivatePort || compare(a.IP ?? "", b.IP ?? "") || (a.PublicPort ?? 0) - (b.PublicPort ?? 0) || compare(a.Type, b.Type)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
