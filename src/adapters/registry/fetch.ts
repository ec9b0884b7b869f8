import { fault } from "#base";
import { proxyFor, type RegistrySettings } from "./settings.ts";

/** Milliseconds; a registry that says nothing for longer is given up. */
const headerPatience = 60_000;

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
  readonly signal: AbortSignal;
  /** Takes any certificate. */
  readonly insecure: boolean;
  readonly proxies: RegistrySettings["proxies"];
}

/** One request as every registry gets it: redirects are not followed, nothing is unpacked, silence has an end. @throws what fetch throws */
export async function fetchOnce(url: URL, { insecure, proxies, signal, headers, method, body }: HttpRequest): Promise<Response> {
  signal.throwIfAborted();
  const proxy = proxyFor(url, proxies);
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(fault("unavailable", `no answer within ${headerPatience / 1000} s`)), headerPatience);
  try {
    return await fetch(url, {
      ...(proxy !== undefined && { proxy }),
      method,
      headers: { "User-Agent": "gantry", "Accept-Encoding": "identity", ...headers },
      ...(body !== undefined && { body }),
      redirect: "manual",
      decompress: false,
      signal: AbortSignal.any([signal, silence.signal]),
      ...(insecure && { tls: { rejectUnauthorized: false } }),
    });
  } finally {
    clearTimeout(timer);
  }
}
