import { isIPv4 } from "node:net";
import { coversAddress } from "./settings.ts";

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
  return { host, insecure: isLoopback(host) || insecureRegistries.some((entry) => coversHost(entry, host)) };
}

/** A mirror of docker.io: "https://mirror.example.org/path". */
export function mirrorHost(mirror: string, insecureRegistries: readonly string[]): RegistryHost {
  const url = new URL(mirror);
  const path = url.pathname.replace(/\/$/, "");
  const { insecure } = registryHost(url.host, insecureRegistries);
  const isPlain = url.protocol === "http:";
  return { host: url.host, insecure: insecure || isPlain, ...(path !== "" && { path }), ...(isPlain && { scheme: "http" }) };
}

function isLoopback(host: string): boolean {
  const name = nameOf(host);
  return name === "localhost" || name === "[::1]" || (isIPv4(name) && name.startsWith("127."));
}

/** An entry of `insecure-registries` is a host with or without port, or a CIDR of addresses. */
function coversHost(entry: string, host: string): boolean {
  if (!entry.includes("/")) return entry === host || entry === nameOf(host);
  return coversAddress(entry, nameOf(host));
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, "");
}
