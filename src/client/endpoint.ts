import { fault } from "#base";
import { sshEndpoint } from "./ssh-endpoint.ts";

/** How TLS is spoken to a daemon; texts are PEM. */
export interface TlsSettings {
  /** Whom we trust; the system's authorities when absent. */
  readonly ca?: string;
  /** Our own certificate and its key, for a daemon that asks who we are. */
  readonly cert?: string;
  readonly key?: string;
  /** False takes any certificate, as `--tls` without `--tlsverify` does. */
  readonly verify: boolean;
  /** The name that the certificate must have; the host's when absent. */
  readonly serverName?: string;
}

/** Where a daemon listens. A command's stdin and stdout are the stream to it. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string; readonly address: string }
  | { readonly kind: "tcp"; readonly hostname: string; readonly port: number; readonly address: string; readonly tls?: TlsSettings }
  | { readonly kind: "command"; readonly argv: readonly [string, ...string[]]; readonly address: string };

/**
 * Reads what `-H` and DOCKER_HOST hold: unix://PATH, tcp://HOST[:PORT], HOST[:PORT], ssh://[USER@]HOST[:PORT][/PATH], and http:// and https://
 * beside tcp://. The port is 2375 where none is given, with TLS 2376. `tls` makes TLS of every TCP endpoint; https:// alone verifies with the
 * system's authorities.
 * @throws invalid for another scheme, unsupported for those of other systems
 */
export function parseEndpoint(host: string, options: { readonly tls?: TlsSettings } = {}): Endpoint {
  const text = host.trim();
  const separator = text.indexOf("://");
  const scheme = separator === -1 ? "tcp" : text.slice(0, separator);
  const rest = separator === -1 ? text : text.slice(separator + 3);
  switch (scheme) {
    case "unix":
      if (rest === "") throw unparsable(host);
      return { kind: "unix", path: rest, address: `unix://${rest}` };
    case "tcp":
    case "http":
      return tcpEndpoint(rest, { host, tls: options.tls });
    case "https":
      return tcpEndpoint(rest, { host, tls: options.tls ?? { verify: true } });
    case "ssh":
      return sshEndpoint(text);
    case "fd":
    case "npipe":
      throw fault("unsupported", `the client does not have ${scheme}:// hosts`);
    default:
      throw fault("invalid", `invalid bind address format: ${host}`);
  }
}

function tcpEndpoint(rest: string, { host, tls }: { readonly host: string; readonly tls: TlsSettings | undefined }): Endpoint {
  const match = /^(\[[0-9a-fA-F:.%]+\]|[^:/[\]]+)(?::(\d{1,5}))?\/?$/.exec(rest);
  const port = Number(match?.[2] ?? (tls === undefined ? "2375" : "2376"));
  if (match?.[1] === undefined || port > 65535) throw unparsable(host);
  const hostname = match[1].startsWith("[") ? match[1].slice(1, -1) : match[1];
  return { kind: "tcp", hostname, port, address: `tcp://${match[1]}:${port}`, ...(tls && { tls }) };
}

function unparsable(host: string): Error {
  return fault("invalid", `unable to parse docker host \`${host}\``);
}
