import { isIPv4 } from "node:net";

/** How registries are reached; may change while the daemon runs. */
export interface RegistrySettings {
  /** Hosts, with or without port, or CIDRs that may speak http or show any certificate; loopback always may. */
  readonly insecureRegistries: readonly string[];
  /** Asked before the registry, in this order: "https://mirror.example.org" for docker.io, "ghcr.io=https://mirror.example.org" for others. */
  readonly mirrors: readonly string[];
  /** Requests for one thing that passing answers may cost, and connections in a row that may break without a byte between them. */
  readonly maxAttempts: number;
  /** "" is none of our own: then the environment's counts. `no` lists hosts, domains, addresses and CIDRs, or is "*". */
  readonly proxies: { readonly http: string; readonly https: string; readonly no: string };
  /** Token servers that a registry's credentials may be sent to, beside its own host: "registry.example.org=auth.example.org". */
  readonly authHosts: readonly string[];
  /** Each may hold a folder for a registry's host: with authorities (*.crt), and a certificate to show (NAME.cert, NAME.key). */
  readonly certificateFolders: readonly string[];
}

export const usualRegistrySettings: RegistrySettings = {
  insecureRegistries: [],
  mirrors: [],
  maxAttempts: 5,
  proxies: { http: "", https: "", no: "" },
  authHosts: [],
  certificateFolders: ["/etc/gantry/certs.d", "/etc/docker/certs.d"],
};

/** The proxy for a request, or undefined where it goes straight. Loopback always does, as with Go. */
export function proxyFor(url: URL, { http, https, no }: RegistrySettings["proxies"]): string | undefined {
  const proxy = url.protocol === "https:" ? https : http;
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  if (proxy === "" || host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."))) return undefined;
  const entries = no.split(",").map((entry) => entry.trim().toLowerCase());
  return entries.some((entry) => entry !== "" && excludes(entry, host, url.port)) ? undefined : proxy;
}

function excludes(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return coversAddress(entry, host);
  const [, name = entry, asked] = /^(.*):(\d+)$/.exec(entry) ?? [];
  if (asked !== undefined && asked !== port) return false;
  const domain = name.replace(/^\*?\./, "");
  return host.endsWith(`.${domain}`) || (host === domain && domain === name);
}

/** True for an IPv4 address within a CIDR. */
export function coversAddress(cidr: string, host: string): boolean {
  const [network, bits] = cidr.split("/");
  if (network === undefined || !isIPv4(network) || !isIPv4(host)) return false;
  const shift = 32n - BigInt(Number(bits) || 0);
  return addressOf(network) >> shift === addressOf(host) >> shift;
}

function addressOf(text: string): bigint {
  return text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}
