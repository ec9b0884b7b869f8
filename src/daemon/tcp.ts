import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { DockerServer } from "#api";
import { fault, messageOf, type Logger } from "#base";
import type { Caller } from "#engine";
import type { Admission } from "./admission.ts";
import type { TcpDoor } from "./doors.ts";
import type { TlsMaterial } from "./tls.ts";

interface TcpParts {
  readonly server: DockerServer;
  /** The bridge of our containers: nothing listens on its addresses (row H16). */
  readonly bridge: string;
  /** Names by which the API is called, beside the machine's and the certificate's. */
  readonly names: readonly string[];
  readonly logger: Logger;
  readonly admission: Admission;
}

export interface TcpListener extends Disposable {
  /** As the kernel has it, where port 0 was asked for. */
  readonly host: string;
}

/** Milliseconds for a client to show its certificate. */
const handshakeLimit = 10_000;
/** Milliseconds of silence before the kernel asks whether a client is still there. */
const keepAlive = 15_000;

/** @throws invalid for an address of the bridge, unavailable where the kernel refuses */
export async function listenOnTcp({ host, address, port, lock }: TcpDoor, parts: TcpParts): Promise<TcpListener> {
  const { bridge } = parts;
  if ((networkInterfaces()[bridge] ?? []).some((own) => own.address === address))
    throw fault("invalid", `host ${host}: refused on an address of ${bridge}, which containers reach`);
  const listener = lock === "open" ? plain(parts) : locked(lock, parts);
  await new Promise<void>((settle, reject) => {
    listener.once("error", (error) => reject(fault("unavailable", `host ${host}: ${messageOf(error)}`, { cause: error })));
    listener.listen({ host: address, port }, settle);
  });
  parts.admission.watch(listener);
  const real = listener.address() as AddressInfo;
  return {
    host: `tcp://${real.family === "IPv6" ? `[${real.address}]` : real.address}:${real.port}`,
    [Symbol.dispose](): void {
      listener.close();
    },
  };
}

function plain({ server, names }: TcpParts): Server {
  return createServer({ allowHalfOpen: true }, (socket) => {
    server.accept(settled(socket), { kind: "loopback", address: addressAt(socket) }, [hostname(), ...names]);
  });
}

function locked({ names: certified, ...material }: TlsMaterial, { server, names, logger }: TcpParts): Server {
  const options = {
    ...material,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    handshakeTimeout: handshakeLimit,
    // Not in Node's types, but in its manual: attach and exec live on it.
    allowHalfOpen: true,
  } as const;
  const listener = createTlsServer(options, (socket) => {
    server.accept(settled(socket), subjectOf(socket), [hostname(), ...certified, ...names]);
  });
  listener.on("tlsClientError", (error: Error, socket: Socket) => {
    logger.warn("a TLS client was refused", { address: addressAt(socket), error: messageOf(error) });
    socket.destroy();
  });
  return listener;
}

function settled<Connection extends Socket>(socket: Connection): Connection {
  return socket.setNoDelay(true).setKeepAlive(true, keepAlive);
}

function addressAt(socket: Socket): string {
  return socket.remoteAddress ?? "unknown";
}

function subjectOf(socket: TLSSocket): Caller {
  const { subject = {} } = socket.getPeerCertificate() as { readonly subject?: Readonly<Record<string, string | readonly string[]>> };
  const parts = Object.entries(subject).flatMap(([name, value]) => [value].flat().map((text) => `${name}=${text}`));
  return { kind: "tls", subject: parts.join(","), address: addressAt(socket) };
}
