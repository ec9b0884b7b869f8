import type { IncomingMessage } from "node:http";
import { resolve, type Resolution } from "./router.ts";

/** What the head of a request asks for, or why it is none. */
export type Asked = (Resolution | { readonly kind: "malformed"; readonly status: 400 | 501; readonly reason: string }) & {
  readonly search: URLSearchParams;
};

/** Reads method, target and the fields that say where a request ends and whom it is for. */
export function locate(request: IncomingMessage): Asked {
  const url = originForm(request.url ?? "/");
  const mark = url.indexOf("?");
  const search = new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1));
  const path = decodePath(mark === -1 ? url : url.slice(0, mark));
  const malformed = malformationOf(request) ?? (path === undefined ? ([400, "400 Bad Request"] as const) : undefined);
  if (malformed !== undefined || path === undefined) {
    const [status, reason] = malformed ?? [400, "400 Bad Request"];
    return { kind: "malformed", status, reason, search };
  }
  return { ...resolve(request.method ?? "", path), search };
}

/** What Go's server refuses and the parser lets pass. */
function malformationOf(request: IncomingMessage): readonly [400 | 501, string] | undefined {
  const { headers, httpVersion, rawHeaders } = request;
  if (httpVersion === "1.1" && headers.host === undefined) return [400, "400 Bad Request: missing required Host header"];
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  if (hosts.length > 1) return [400, "400 Bad Request: too many Host headers"];
  const coding = headers["transfer-encoding"];
  if (coding !== undefined && coding.toLowerCase() !== "chunked") return [501, "501 Not Implemented: Unsupported transfer encoding"];
  return undefined;
}

/** The target without the authority that proxies put before it (RFC 9112, section 3.2.2). */
function originForm(target: string): string {
  const absolute = /^https?:\/\/[^/?]*/i.exec(target);
  if (absolute === null) return target;
  const rest = target.slice(absolute[0].length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
