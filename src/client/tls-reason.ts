import { isIP } from "node:net";
import type { PeerCertificate } from "node:tls";
import { codeOf } from "./client-error.ts";

/** Alerts (RFC 8446, 6) in the words of Go's crypto/tls, by OpenSSL's names of them. */
const alerts: Readonly<Record<string, string>> = {
  BAD_CERTIFICATE: "bad certificate",
  UNSUPPORTED_CERTIFICATE: "unsupported certificate",
  CERTIFICATE_REVOKED: "revoked certificate",
  CERTIFICATE_EXPIRED: "expired certificate",
  CERTIFICATE_UNKNOWN: "unknown certificate",
  CERTIFICATE_REQUIRED: "certificate required",
  HANDSHAKE_FAILURE: "handshake failure",
  PROTOCOL_VERSION: "protocol version not supported",
  UNKNOWN_CA: "unknown certificate authority",
  ACCESS_DENIED: "access denied",
  DECRYPT_ERROR: "error decrypting message",
  INSUFFICIENT_SECURITY: "insufficient security level",
  INTERNAL_ERROR: "internal error",
  UNRECOGNIZED_NAME: "unrecognized name",
};

const unknownAuthority = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** The certificate is good and somebody else's; its message says whose. */
export class OtherNameError extends Error {
  constructor(wanted: string, { subjectaltname = "" }: PeerCertificate) {
    const kind = isIP(wanted) === 0 ? "DNS:" : "IP Address:";
    const valid = subjectaltname
      .split(", ")
      .filter((entry) => entry.startsWith(kind))
      .map((entry) => entry.slice(kind.length));
    const nobody =
      kind === "DNS:"
        ? `certificate is not valid for any names, but wanted to match ${wanted}`
        : `cannot validate certificate for ${wanted} because it doesn't contain any IP SANs`;
    super(unverified(valid.length === 0 ? nobody : `certificate is valid for ${valid.join(", ")}, not ${wanted}`));
    this.name = "OtherNameError";
  }
}

/** What TLS failed of, as Docker's client says it; undefined when it is no failure of TLS. */
export function tlsReason(error: unknown): string | undefined {
  if (error instanceof OtherNameError) return error.message;
  const code = codeOf(error);
  const alert = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_ALERT_(\w+)$/.exec(code)?.[1];
  if (alert !== undefined) return `remote error: tls: ${alerts[alert] ?? alert.toLowerCase().replaceAll("_", " ")}`;
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER") return "http: server gave HTTP response to HTTPS client";
  if (unknownAuthority.has(code)) return unverified("certificate signed by unknown authority");
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") return unverified("certificate has expired or is not yet valid");
  if (/^(?:ERR_SSL|CERT_|ERR_TLS|UNABLE_|INVALID_)/.test(code)) return `tls: ${error instanceof Error ? error.message.trim() : code}`;
  return undefined;
}

function unverified(why: string): string {
  return `tls: failed to verify certificate: x509: ${why}`;
}
