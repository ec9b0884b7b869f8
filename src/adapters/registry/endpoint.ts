import { isIPv4 } from "node:net";

/** A registry's address as the names of its images say it. */
export interface RegistryHost {
  /** What requests go to: "registry-1.docker.io", "127.0.0.1:5000". */
  readonly host: string;
  /** True when plain http and unverified certificates are allowed. */
  readonly insecure: boolean;
}

/** The host behind a reference's domain; docker.io's registry has another name than its images. */
export function registryHost(domain: string, insecureRegistries: readonly string[]): RegistryHost {
  const host = domain === "docker.io" ? "registry-1.docker.io" : domain;
  return { host, insecure: isLoopback(host) || insecureRegistries.some((entry) => coversHost(entry, host)) };
}

function isLoopback(host: string): boolean {
  const name = nameOf(host);
  return name === "localhost" || name === "[::1]" || (isIPv4(name) && name.startsWith("127."));
}

/** An entry of `insecure-registries` is a host with or without port, or a CIDR of addresses. */
function coversHost(entry: string, host: string): boolean {
  if (!entry.includes("/")) return entry === host || entry === nameOf(host);
  const [network, bits] = entry.split("/");
  const name = nameOf(host);
  if (network === undefined || !isIPv4(network) || !isIPv4(name)) return false;
  const shift = 32n - BigInt(Number(bits) || 0);
  return addressOf(network) >> shift === addressOf(name) >> shift;
}

function addressOf(text: string): bigint {
  return text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, "");
}
