// One registry as requests see it: which scheme it speaks, which token it gave, where it redirects to.
import { EngineError, fault, type Fault, messageOf } from "#base";
import { type BearerChallenge, parseBearerChallenge, tokenUrl } from "./challenge.ts";
import type { RegistryHost } from "./endpoint.ts";
import { fetchOnce } from "./fetch.ts";
import { isPlainServer, requestFailure } from "./request-failure.ts";
import type { RegistrySettings } from "./settings.ts";

const maxRedirects = 5;
/** Bytes of a token reply that are read at most. */
const maxTokenReply = 1024 * 1024;

export interface RegistryRequest {
  readonly method: "GET" | "HEAD";
  /** Below /v2/, starting with the repository. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** "repository:library/busybox:pull" */
  readonly scope: string;
  readonly signal: AbortSignal;
}

/** Sends requests to one registry, anonymously or with the anonymous token it asks for; tokens are kept by scope. */
export class RegistryConnection {
  readonly #host: RegistryHost;
  readonly #proxies: RegistrySettings["proxies"];
  readonly #tokens = new Map<string, string>();
  #scheme: "https" | "http" | undefined;

  constructor(host: RegistryHost, proxies: RegistrySettings["proxies"]) {
    this.#host = host;
    this.#proxies = proxies;
    this.#scheme = host.scheme;
  }

  /** The answer with any status but a redirect or a first 401. @throws unavailable when there is none */
  async send(request: RegistryRequest): Promise<Response> {
    const response = await this.#sendOnce(request);
    if (response.status !== 401) return response;
    const challenge = parseBearerChallenge(response.headers.get("www-authenticate"));
    if (challenge === undefined) return response;
    await response.body?.cancel();
    this.#tokens.set(request.scope, await this.#authorize(challenge, request));
    return await this.#sendOnce(request);
  }

  async #sendOnce(request: RegistryRequest): Promise<Response> {
    const token = this.#tokens.get(request.scope);
    const headers = { ...request.headers, ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
    if (this.#scheme !== undefined) return await this.#follow(this.#url(this.#scheme, request.path), { ...request, headers });
    try {
      const response = await this.#follow(this.#url("https", request.path), { ...request, headers });
      this.#scheme = "https";
      return response;
    } catch (error) {
      if (!this.#host.insecure || !(error instanceof Error) || !isPlainServer(error.cause)) throw error;
    }
    const response = await this.#follow(this.#url("http", request.path), { ...request, headers });
    this.#scheme = "http";
    return response;
  }

  /** Follows redirects by hand: credentials never leave the origin they are for, and a secure request never becomes a plain one. */
  async #follow(start: URL, request: RegistryRequest): Promise<Response> {
    let url = start;
    let headers = request.headers;
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const response = await this.#fetch(url, { ...request, headers });
      const location = response.headers.get("location");
      if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
      await response.body?.cancel();
      const next = new URL(location, url);
      if (next.protocol !== "https:" && (next.protocol !== "http:" || !this.#host.insecure))
        throw fault("unavailable", `registry ${this.#host.host} redirects to ${next.protocol}//, which is not secure`);
      if (next.origin !== url.origin) headers = withoutAuthorization(headers);
      url = next;
    }
    throw fault("unavailable", `registry ${this.#host.host} redirects more than ${maxRedirects} times`);
  }

  async #fetch(url: URL, request: Pick<RegistryRequest, "method" | "headers" | "signal">): Promise<Response> {
    try {
      return await fetchOnce(url, { ...request, insecure: this.#host.insecure, proxies: this.#proxies });
    } catch (cause) {
      request.signal.throwIfAborted();
      throw requestFailure(request.method, url, cause);
    }
  }

  async #authorize(challenge: BearerChallenge, request: RegistryRequest): Promise<string> {
    try {
      return await this.#fetchToken(tokenUrl(challenge, request.scope), request.signal);
    } catch (cause) {
      request.signal.throwIfAborted();
      const kind = cause instanceof EngineError ? cause.fault : "unavailable";
      throw fault(kind, `failed to authorize: failed to fetch anonymous token: ${messageOf(cause)}`, { cause });
    }
  }

  async #fetchToken(url: URL, signal: AbortSignal): Promise<string> {
    if (url.protocol !== "https:" && !this.#host.insecure)
      throw fault("unavailable", `registry ${this.#host.host} wants a token from ${url.protocol}//${url.host}, which is not secure`);
    const response = await this.#fetch(url, { method: "GET", headers: {}, signal });
    const kind: Fault = response.status === 401 || response.status === 403 ? "unauthorized" : "unavailable";
    if (!response.ok) {
      await response.body?.cancel();
      throw fault(kind, `unexpected status from GET request to ${url.href}: ${response.status}`);
    }
    const reply: unknown = JSON.parse(new TextDecoder().decode(await readAtMost(response, maxTokenReply)));
    const { token, access_token: accessToken } = (reply ?? {}) as { token?: unknown; access_token?: unknown };
    const found = typeof token === "string" && token !== "" ? token : accessToken;
    if (typeof found !== "string" || found === "") throw fault("unavailable", `token server ${url.host} answered without a token`);
    return found;
  }

  #url(scheme: "https" | "http", path: string): URL {
    return new URL(`${scheme}://${this.#host.host}${this.#host.path ?? ""}/v2/${path}`);
  }
}

/** The whole body of a small answer. @throws invalid above `limit` bytes, which are not read */
export async function readAtMost(response: Response, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.length;
    if (size > limit) throw fault("invalid", `registry answered with more than ${limit} bytes`);
    pieces.push(piece);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"));
}
