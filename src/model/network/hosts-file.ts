/** What a container's /etc/hosts is made from. */
export interface HostsFileOptions {
  readonly hostname: string;
  readonly domainname?: string;
  /** Dotted IPv4; absent where the container has no address of its own. */
  readonly address?: string;
  /** Further entries (`--add-host`), in their order. */
  readonly extra?: readonly { readonly name: string; readonly address: string }[];
}

const standing = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::\tip6-localnet",
  "ff00::\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
];

/** Contents of a container's /etc/hosts, laid out as Docker does: standing names, extra hosts, own name. */
export function hostsFile(options: HostsFileOptions): string {
  const lines = [...standing, ...(options.extra ?? []).map(({ name, address }) => `${address}\t${name}`)];
  if (options.address !== undefined) lines.push(`${options.address}\t${ownNames(options).join(" ")}`);
  return `${lines.join("\n")}\n`;
}

/** The full name, and the part before its first dot where that is another one. */
function ownNames({ hostname, domainname }: HostsFileOptions): readonly string[] {
  const full = domainname === undefined || domainname === "" ? hostname : `${hostname}.${domainname}`;
  const short = hostname.split(".", 1)[0] ?? "";
  return short === "" || short === full ? [full] : [full, short];
}
