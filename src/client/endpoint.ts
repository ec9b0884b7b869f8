import { fault } from "#base";

/** Where a daemon listens. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string; readonly address: string }
  | { readonly kind: "tcp"; readonly hostname: string; readonly port: number; readonly address: string };

/**
 * Reads what `-H` and DOCKER_HOST hold: unix://PATH, tcp://HOST[:PORT], http://HOST[:PORT] or HOST[:PORT]. The port is 2375 where none is given.
 * @throws invalid for another scheme, unsupported for ssh and https
 */
export function parseEndpoint(host: string): Endpoint {
  const text = host.trim();
  const separator = text.indexOf("://");
  const scheme = separator === -1 ? "tcp" : text.slice(0, separator);
  const rest = separator === -1 ? text : text.slice(separator + 3);
  if (rest === "") throw fault("invalid", `unable to parse docker host \`${host}\``);
  switch (scheme) {
    case "unix":
      return { kind: "unix", path: rest, address: `unix://${rest}` };
    case "tcp":
    case "http":
      return tcpEndpoint(rest, host);
    case "https":
    case "ssh":
    case "fd":
    case "npipe":
      throw fault("unsupported", `the client does not have ${scheme}:// hosts yet`);
    default:
      throw fault("invalid", `invalid bind address format: ${host}`);
  }
}

function tcpEndpoint(rest: string, host: string): Endpoint {
  const match = /^(\[[0-9a-fA-F:.%]+\]|[^:/[\]]+)(?::(\d{1,5}))?\/?$/.exec(rest);
  const port = Number(match?.[2] ?? "2375");
  if (match?.[1] === undefined || port > 65535) throw fault("invalid", `unable to parse docker host \`${host}\``);
  const hostname = match[1].startsWith("[") ? match[1].slice(1, -1) : match[1];
  return { kind: "tcp", hostname, port, address: `tcp://${match[1]}:${port}` };
}
