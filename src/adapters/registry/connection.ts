// One registry as requests see it: which scheme it speaks, which proof it took, where it redirects to.
import { EngineError, fault, messageOf } from "#base";
import type { Credentials } from "#image";
import { asksForPassword, parseBearerChallenge } from "./challenge.ts";
import { basicAuthorization, checkAuthHost, fingerprint } from "./credentials.ts";
import { mayBeInsecure, type RegistryHost } from "./endpoint.ts";
import type { Fetcher, HttpRequest } from "./fetch.ts";
import { checkReach } from "./reach.ts";
import { isPlainServer, requestFailure } from "./request-failure.ts";
import { proxyFor, type RegistrySettings } from "./settings.ts";
import { TokenCache } from "./token-cache.ts";
import { readToken, tokenRequest } from "./token-server.ts";

const maxRedirects = 5;
/** Seconds that a registry is shown a password without being asked for it. */
const passwordLifetime = 300;

export interface RegistryRequest extends HttpRequest {
  /** Below /v2/, starting with the repository; or where the registry itself sent this request to (`located`). */
  readonly path: string | URL;
  /** "repository:library/busybox:pull" */
  readonly scope: string;
  /** For this registry; absent for nobody's. */
  readonly credentials?: Credentials;
}

/** Sends requests to one registry, with what it asks for: a password, a token, or nobody's token. */
export class RegistryConnection {
  readonly host: string;
  readonly #host: RegistryHost;
  readonly #settings: RegistrySettings;
  readonly #fetcher: Fetcher;
  readonly #proofs = new TokenCache();
  #scheme: "https" | "http" | undefined;

  constructor(host: RegistryHost, settings: RegistrySettings, fetcher: Fetcher) {
    this.host = host.host;
    this.#host = host;
    this.#settings = settings;
    this.#fetcher = fetcher;
    this.#scheme = host.scheme;
  }

  /** The answer with any status but a redirect or a first 401. @throws unavailable when there is none, unauthorized for wrong credentials */
  async send(request: RegistryRequest): Promise<Response> {
    const key = `${request.scope} ${fingerprint(request.credentials)}`;
    const own = this.#url(this.#scheme ?? "https", "");
    if (request.path instanceof URL && request.path.origin !== own.origin) return await this.#sendElsewhere(own, request.path, request);
    const response = await this.#sendOnce(request, this.#known(request, key));
    if (response.status !== 401) return response;
    this.#proofs.delete(key);
    const proof = await this.#prove(request, response.headers.get("www-authenticate"));
    if (proof === undefined) return response;
    await response.body?.cancel();
    this.#proofs.set(key, proof.authorization, proof.lifetime);
    const second = await this.#sendOnce(request, proof.authorization);
    if (second.status === 401) this.#proofs.delete(key);
    return second;
  }

  /** The address that an answer of this registry gives for the next request. @throws unavailable when it is none, or not secure */
  located(response: Response): URL {
    const location = response.headers.get("location");
    if (location === null) throw fault("unavailable", `registry ${this.host} does not say where an upload goes on`);
    return this.#target(location, new URL(response.url));
  }

  /** Somebody else's address: no credentials go there, nor does a request that this registry would not reach. */
  async #sendElsewhere(own: URL, url: URL, request: RegistryRequest): Promise<Response> {
    if (proxyFor(url, this.#settings.proxies) === undefined) await checkReach(own, url);
    return await this.#follow(url, { ...request, headers: withoutAuthorization(request.headers) });
  }

  #known({ credentials }: RegistryRequest, key: string): string | undefined {
    const { registryToken = "" } = credentials ?? {};
    return registryToken === "" ? this.#proofs.get(key) : `Bearer ${registryToken}`;
  }

  async #sendOnce(request: RegistryRequest, authorization: string | undefined): Promise<Response> {
    const headers = { ...request.headers, ...(authorization !== undefined && { Authorization: authorization }) };
    if (request.path instanceof URL) return await this.#follow(request.path, { ...request, headers });
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
      if (!redirects(request.method).includes(response.status) || location === null) return response;
      await response.body?.cancel();
      const next = this.#target(location, url);
      if (next.origin !== url.origin) {
        headers = withoutAuthorization(headers);
        if (proxyFor(next, this.#settings.proxies) === undefined) await checkReach(start, next);
      }
      url = next;
    }
    throw fault("unavailable", `registry ${this.host} redirects more than ${maxRedirects} times`);
  }

  #target(location: string, from: URL): URL {
    if (!URL.canParse(location, from.href))
      throw fault("unavailable", `registry ${this.host} redirects to ${JSON.stringify(location)}, which is no address`);
    const next = new URL(location, from);
    const mayBePlain = from.protocol === "http:" || mayBeInsecure(next.host, this.#settings.insecureRegistries);
    if (next.protocol !== "https:" && (next.protocol !== "http:" || !this.#host.insecure || !mayBePlain))
      throw fault("unavailable", `registry ${this.host} redirects to ${next.protocol}//, which is not secure`);
    return next;
  }

  async #fetch(url: URL, request: HttpRequest): Promise<Response> {
    try {
      return await this.#fetcher.fetch(url, request);
    } catch (cause) {
      request.signal.throwIfAborted();
      throw requestFailure(request.method, url, cause);
    }
  }

  /** What a challenge asks for; undefined when there is nothing to show. */
  async #prove(
    request: RegistryRequest,
    header: string | null,
  ): Promise<{ readonly authorization: string; readonly lifetime: number } | undefined> {
    const { credentials, signal } = request;
    const challenge = parseBearerChallenge(header);
    if (challenge === undefined) {
      if (credentials === undefined || credentials.username === "" || !asksForPassword(header)) return undefined;
      return { authorization: basicAuthorization(credentials), lifetime: passwordLifetime };
    }
    if ((credentials?.registryToken ?? "") !== "") return undefined;
    try {
      const { url, ...asked } = tokenRequest(challenge, request.scope, credentials);
      await this.#checkRealm(url, credentials);
      const response = await this.#fetcher.fetch(url, { ...asked, signal }).catch((cause: unknown) => {
        signal.throwIfAborted();
        throw requestFailure(asked.method, url, cause);
      });
      const { token, lifetime } = await readToken(asked.method, url, { response, credentials });
      return { authorization: `Bearer ${token}`, lifetime };
    } catch (cause) {
      signal.throwIfAborted();
      const kind = cause instanceof EngineError ? cause.fault : "unavailable";
      if (kind === "unauthorized" && credentials !== undefined) throw cause;
      const what = credentials === undefined ? "anonymous" : "oauth";
      throw fault(kind, `failed to authorize: failed to fetch ${what} token: ${messageOf(cause)}`, { cause });
    }
  }

  async #checkRealm(realm: URL, credentials: Credentials | undefined): Promise<void> {
    const mayBePlain = this.#host.insecure && this.#scheme !== "https";
    if (realm.protocol !== "https:" && (realm.protocol !== "http:" || !mayBePlain))
      throw fault("unavailable", `registry ${this.host} wants a token from ${realm.protocol}//${realm.host}, which is not secure`);
    if (credentials !== undefined) checkAuthHost(this.host, realm, this.#settings.authHosts);
    if (proxyFor(realm, this.#settings.proxies) === undefined) await checkReach(this.#url("https", ""), realm);
  }

  #url(scheme: "https" | "http", path: string): URL {
    return new URL(`${scheme}://${this.host}${this.#host.path ?? ""}/v2/${path}`);
  }
}

/** What sends a request elsewhere as it is; the others would make a GET of an upload (RFC 9110 section 15.4). */
function redirects(method: HttpRequest["method"]): readonly number[] {
  return method === "GET" || method === "HEAD" ? [301, 302, 303, 307, 308] : [307, 308];
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"));
}
