import { isIPv4 } from "node:net";
import { coversAddress, type RegistrySettings } from "./settings.ts";

/** A registry's address as the names of its images say it. */
export interface RegistryHost {
  /** What requests go to: "registry-1.docker.io", "127.0.0.1:5000". */
  readonly host: string;
  /** True when plain http and unverified certificates are allowed. */
  readonly insecure: boolean;
  /** Path before /v2/, of a mirror. */
  readonly path?: string;
  /** A mirror that is named with http:// is never asked otherwise. */
  readonly scheme?: "http";
}

/** The host behind a reference's domain; docker.io's registry has another name than its images. */
export function registryHost(domain: string, insecureRegistries: readonly string[]): RegistryHost {
  const host = domain === "docker.io" ? "registry-1.docker.io" : domain;
  return { host, insecure: mayBeInsecure(host, insecureRegistries) };
}

/** The mirrors of a domain, in their order. One that names no domain before it is docker.io's: "ghcr.io=https://mirror.example.org/path". */
export function mirrorsOf(domain: string, { mirrors, insecureRegistries }: RegistrySettings): readonly RegistryHost[] {
  return mirrors.flatMap((entry) => {
    const [, named = "docker.io", mirror = ""] = /^(?:([^=/]+)=)?(.*)$/.exec(entry) ?? [];
    return named === domain ? [mirrorHost(mirror, insecureRegistries)] : [];
  });
}

/** True for a host, with or without port, that may speak http or show any certificate. */
export function mayBeInsecure(host: string, insecureRegistries: readonly string[]): boolean {
  return isLoopback(host) || insecureRegistries.some((entry) => coversHost(entry, host));
}

export function isLoopback(host: string): boolean {
  const name = nameOf(host);
  return name === "localhost" || name === "[::1]" || (isIPv4(name) && name.startsWith("127."));
}

/** The host without its port. */
export function nameOf(host: string): string {
  return host.replace(/:\d+$/, "");
}

function mirrorHost(mirror: string, insecureRegistries: readonly string[]): RegistryHost {
  const url = new URL(mirror);
  const path = url.pathname.replace(/\/$/, "");
  const { insecure } = registryHost(url.host, insecureRegistries);
  const isPlain = url.protocol === "http:";
  return { host: url.host, insecure: insecure || isPlain, ...(path !== "" && { path }), ...(isPlain && { scheme: "http" }) };
}

/** An entry of `insecure-registries` is a host with or without port, or a CIDR of addresses. */
function coversHost(entry: string, host: string): boolean {
  if (!entry.includes("/")) return entry === host || entry === nameOf(host);
  return coversAddress(entry, nameOf(host));
}
