import { isIP } from "node:net";
import { checkServerIdentity, connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { BrokenReplyError, codeOf, UnreachableError } from "./client-error.ts";
import type { RawStream, StreamEvents } from "./dial.ts";
import { NodeStream, settled } from "./dial-node.ts";
import type { Endpoint, TlsSettings } from "./endpoint.ts";
import { OtherNameError, tlsReason } from "./tls-reason.ts";

type TlsEndpoint = Extract<Endpoint, { kind: "tcp" }> & { readonly tls: TlsSettings };

/** TLS 1.2 or newer, as Docker's client speaks it. The end of our side is a close_notify; the peer may go on. @throws UnreachableError */
export async function dialTls(endpoint: TlsEndpoint, events: StreamEvents): Promise<RawStream> {
  const { hostname, port, address, tls } = endpoint;
  const name = tls.serverName ?? hostname;
  const explain = (error: Error): Error => {
    const reason = tlsReason(error);
    return reason === undefined ? error : new BrokenReplyError(reason, { cause: error });
  };
  // Node's types have forgotten `allowHalfOpen`.
  const options: ConnectionOptions & { readonly allowHalfOpen: true } = {
    host: hostname,
    port,
    allowHalfOpen: true,
    minVersion: "TLSv1.2",
    rejectUnauthorized: tls.verify,
    checkServerIdentity: (_, certificate) =>
      checkServerIdentity(name, certificate) === undefined ? undefined : new OtherNameError(name, certificate),
    ...(isIP(name) === 0 && { servername: name }),
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
  };
  let socket: TLSSocket;
  try {
    socket = connect(options);
  } catch (error) {
    // Certificates are read before anything is sent.
    throw new UnreachableError(address, codeOf(error), { cause: error, reason: unusable(error) });
  }
  const stream = new NodeStream(socket, events, explain);
  try {
    await settled(socket, "secureConnect");
  } catch (error) {
    const known = tlsReason(error);
    socket.destroy();
    throw known === undefined
      ? UnreachableError.of(address, error)
      : new UnreachableError(address, codeOf(error), { cause: error, reason: known });
  }
  return stream;
}

function unusable(error: unknown): string {
  const code = codeOf(error);
  if (code.includes("KEY_VALUES_MISMATCH")) return "tls: private key does not match public key";
  return `tls: the certificate, its key or the authority cannot be used: ${error instanceof Error ? error.message : String(error)}`;
}
