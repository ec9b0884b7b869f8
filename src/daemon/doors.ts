// What the daemon listens on, settled before anything of it exists: a door that may not be opened stops the start first.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { fault, messageOf } from "#base";
import { inheritedSockets, type InheritedSocket } from "./activation.ts";
import { lockOf, type TlsMaterial, type TlsOptions } from "./tls.ts";

interface DoorOptions {
  /** As dockerd takes them: unix://PATH, tcp://ADDRESS:PORT, fd://[NAME]. */
  readonly hosts: readonly string[];
  readonly tls: TlsOptions;
}

export interface TcpDoor {
  readonly kind: "tcp";
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly lock: TlsMaterial | "open";
}

export type Door =
  | { readonly kind: "unix"; readonly host: string; readonly path: string }
  | TcpDoor
  | ({ readonly kind: "inherited"; readonly host: string } & InheritedSocket);

/** Docker's port, with and without TLS. */
const usualPort = { locked: 2376, open: 2375 };

/** The doors that `options` name. @throws invalid, with the host that may not be or is not there */
export async function planDoors(options: DoorOptions, env: Environment): Promise<readonly Door[]> {
  const inherited = inheritedSockets(env, process.pid);
  const doors = await Promise.all(options.hosts.map((host) => doorsOf(host, options.tls, inherited)));
  return doors.flat();
}

/** The ports that containers must not reach, whichever address of the host they try. Loopback ones they cannot; 0 is any, and unknown. */
export function portsClosedToContainers(doors: readonly Door[]): readonly number[] {
  return doors.flatMap((door) => (door.kind === "tcp" && door.port !== 0 && !isLoopback(door.address) ? [door.port] : []));
}

type Environment = Readonly<Record<string, string | undefined>>;

async function doorsOf(host: string, tls: TlsOptions, inherited: readonly InheritedSocket[]): Promise<readonly Door[]> {
  if (host.startsWith("unix://")) return [{ kind: "unix", host, path: host.slice("unix://".length) }];
  if (host.startsWith("tcp://")) return [await tcpDoor(host, tls)];
  if (!host.startsWith("fd://")) throw fault("invalid", `host ${host}: must be unix://PATH, tcp://ADDRESS:PORT or fd://[NAME]`);
  const name = host.slice("fd://".length);
  const found = inherited.filter((socket) => name === "" || name === "*" || name === socket.name || name === String(socket.fd));
  if (found.length === 0)
    throw fault("invalid", `host ${host}: no such socket was handed over (systemd does that: see systemd.socket(5), FileDescriptorName=)`);
  return found.map((socket) => ({ kind: "inherited", host, ...socket }));
}

async function tcpDoor(host: string, tls: TlsOptions): Promise<TcpDoor> {
  const { name, port } = parseTcp(host);
  const address = await addressOf(name, host);
  const lock = lockOf({ host, loopback: isLoopback(address) }, tls);
  return { kind: "tcp", host, address, port: port ?? (lock === "open" ? usualPort.open : usualPort.locked), lock };
}

function parseTcp(host: string): { readonly name: string; readonly port?: number } {
  const match = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[\w.-]*)(?::(\d{1,5}))?\/?$/.exec(host);
  const port = match?.[2] === undefined ? undefined : Number(match[2]);
  if (match === null || (port ?? 0) > 65_535) throw fault("invalid", `host ${host}: must be tcp://ADDRESS:PORT`);
  const name = (match[1] ?? "").replaceAll(/^\[|\]$/g, "");
  return { name: name === "" ? "localhost" : name, ...(port !== undefined && { port }) };
}

async function addressOf(name: string, host: string): Promise<string> {
  if (name === "localhost") return "127.0.0.1";
  if (isIP(name) !== 0) return name;
  try {
    return (await lookup(name)).address;
  } catch (error) {
    throw fault("invalid", `host ${host}: ${messageOf(error)}`, { cause: error });
  }
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
