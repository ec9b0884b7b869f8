import { type EngineError, fault, messageOf } from "#base";

/** What kept a request from being answered, as a fault of the registry's. */
export function requestFailure(method: string, url: URL, cause: unknown): EngineError {
  return fault("unavailable", `failed to do request: ${requestSentence(method, url, cause)}`, { cause });
}

/** The same in the words of Docker's own client: `Head "https://h/v2/x": dial tcp 127.0.0.1:5: connect: ...`. */
export function requestSentence(method: string, url: URL, cause: unknown): string {
  const verb = method.charAt(0) + method.slice(1).toLowerCase();
  return `${verb} ${JSON.stringify(url.href)}: ${reasonOf(url, cause)}`;
}

/** True when nobody listens there. */
export function isRefused(cause: unknown): boolean {
  return ["ECONNREFUSED", "ConnectionRefused"].includes(codeOf(cause));
}

/** True when a TLS handshake met a server that speaks none. */
export function isPlainServer(cause: unknown): boolean {
  return codeOf(cause) === "EPROTO";
}

function reasonOf(url: URL, cause: unknown): string {
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  switch (codeOf(cause)) {
    case "ECONNREFUSED":
    case "ConnectionRefused":
      return `dial tcp ${url.hostname}:${port}: connect: connection refused`;
    case "ENOTFOUND":
      return `dial tcp: lookup ${url.hostname}: no such host`;
    case "EAI_AGAIN":
      return `dial tcp: lookup ${url.hostname}: temporary failure in name resolution`;
    case "EHOSTUNREACH":
      return `dial tcp ${url.hostname}:${port}: connect: no route to host`;
    case "ENETUNREACH":
      return `dial tcp ${url.hostname}:${port}: connect: network is unreachable`;
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return unverified("certificate signed by unknown authority");
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return unverified("certificate has expired or is not yet valid");
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return unverified(`certificate is valid for other names, not ${url.hostname}`);
    case "EPROTO":
      return "http: server gave HTTP response to HTTPS client";
    default:
      return messageOf(cause);
  }
}

/** As Go's crypto/tls says it. */
function unverified(why: string): string {
  return `tls: failed to verify certificate: x509: ${why}`;
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}
