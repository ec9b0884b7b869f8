import { BlockList, isIP } from "node:net";
import type { Reference } from "#image";
import type { Invocation } from "../command.ts";
import { bool, type Flag } from "../flag.ts";

/** Which registries may be spoken to in plain HTTP is the daemon's configuration: it is the daemon that speaks to them. */
export const insecureFlag: Flag = bool(
  "insecure",
  "Allow communication with an insecure registry, where the daemon's insecure-registries do",
);

interface RegistryConfig {
  readonly InsecureRegistryCIDRs?: readonly string[] | null;
  readonly IndexConfigs?: Readonly<Record<string, { readonly Secure?: boolean }>> | null;
}

/** Says so where --insecure opens nothing, because the daemon's list lacks the host. */
export async function warnOfInsecure({ domain }: Reference, { flags, client, stderr }: Invocation): Promise<void> {
  if (!flags.bool("insecure")) return;
  const { RegistryConfig: config } = (await client.system.info()) as { readonly RegistryConfig?: RegistryConfig };
  if (config === undefined || isInsecure(domain, config)) return;
  stderr.print(`WARNING: --insecure changes nothing: ${domain} is not among the daemon's insecure-registries\n`);
}

function isInsecure(domain: string, { IndexConfigs, InsecureRegistryCIDRs }: RegistryConfig): boolean {
  if (IndexConfigs?.[domain]?.Secure === false) return true;
  const host = new URL(`http://${domain}`).hostname.replace(/^\[(.*)\]$/, "$1");
  if (host === "localhost") return true;
  const family = isIP(host) === 6 ? "ipv6" : "ipv4";
  if (isIP(host) === 0) return false;
  const ranges = new BlockList();
  for (const range of InsecureRegistryCIDRs ?? []) {
    const [network = "", bits] = range.split("/");
    ranges.addSubnet(network, Number(bits), isIP(network) === 6 ? "ipv6" : "ipv4");
  }
  return ranges.check(host, family);
}
