// Who a browser must not be (row E02): a page that somebody made can send requests to any address that the user's machine reaches, also
// under a name of its own that it lets point here. What it cannot do is say another Host than that name, nor leave out its Origin.
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/** What clients of unix sockets are known to say: Go's client, Docker's over ssh, older ones. */
const saidByClients = new Set(["api.moby.localhost", "docker.example.com", "docker", "localhost", ""]);

/** A version or a socket's path that was meant to be a path: `curl --unix-socket S http:/v1.51/info`, and clients that put the path there. */
const mistaken = /^v\d+\.\d+$|\.sock$|^%2f|^\//i;

/** Which names a connection may be addressed by. */
export interface Doorplate {
  /** A unix socket: no browser comes here, but a proxy in front of it may bring one. */
  readonly local: boolean;
  /** The machine's own names, and those of its certificate; `*.NAME` stands for one label more. */
  readonly names: readonly string[];
}

/** Why a request is turned away, or undefined. */
export function refusalOfVisitor(headers: IncomingHttpHeaders, plate: Doorplate): string | undefined {
  const host = headers.host ?? "";
  if (!saidByClients.has(host) && !isOurs(host, plate))
    return `Host ${JSON.stringify(host)} is not a name of this engine: see api-names in its daemon.json`;
  const { origin } = headers;
  if (origin !== undefined && hostOf(origin) !== host.toLowerCase()) return `requests from origin ${JSON.stringify(origin)} are refused`;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return `requests from another site are refused`;
  return undefined;
}

function isOurs(host: string, { local, names }: Doorplate): boolean {
  const name = withoutPort(host).toLowerCase();
  // Nobody can let an address point elsewhere, and "localhost" stays at home (RFC 6761).
  if (isIP(name) !== 0 || name === "localhost" || name.endsWith(".localhost")) return true;
  if (local && (!name.includes(".") || mistaken.test(name))) return true;
  return names.some((known) => covers(known.toLowerCase(), name));
}

function covers(known: string, name: string): boolean {
  return known.startsWith("*.") ? name.slice(name.indexOf(".")) === known.slice(1) : known === name;
}

/** The name or address in "name", "name:port", "[::1]:port". */
function withoutPort(host: string): string {
  if (host.startsWith("[")) return host.slice(1, host.indexOf("]"));
  return isIP(host) === 6 ? host : host.replace(/:\d*$/, "");
}

/** "http://localhost:2375" as a Host header says it; undefined for what is no origin of a page, "null" among them. */
function hostOf(origin: string): string | undefined {
  return /^(?:https?|wss?):\/\/([^/?#]*)$/.exec(origin.toLowerCase())?.[1];
}
