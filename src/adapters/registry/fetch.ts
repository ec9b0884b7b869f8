import { fault } from "#base";
import { isLoopback, mayBeInsecure } from "./endpoint.ts";
import { proxyFor, type RegistrySettings } from "./settings.ts";
import { readTrust, type Trust } from "./trust.ts";

/** Milliseconds; a registry that says nothing for longer is given up. */
const headerPatience = 60_000;

/** What a request carries; a stream is opened anew each time that the request is sent. */
export type RequestBody = URLSearchParams | Uint8Array<ArrayBuffer> | (() => Promise<ReadableStream<Uint8Array>>);

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly signal: AbortSignal;
}

/** Requests as every registry gets them: redirects are not followed, nothing is unpacked, silence has an end, each host has its own trust. */
export class Fetcher {
  readonly #settings: RegistrySettings;
  /** By host: what it shows and is shown is read once. */
  readonly #trusts = new Map<string, Promise<Trust>>();

  constructor(settings: RegistrySettings) {
    this.#settings = settings;
  }

  /** @throws what fetch throws, and unavailable for a folder of certificates that is not as it should be */
  async fetch(url: URL, { signal, headers, method, body }: HttpRequest): Promise<Response> {
    signal.throwIfAborted();
    const proxy = proxyFor(url, this.#settings.proxies);
    const tls = url.protocol === "https:" ? await this.#tls(url) : undefined;
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(fault("unavailable", `no answer within ${headerPatience / 1000} s`)), headerPatience);
    try {
      // A registry that takes what it is sent is not silent.
      const sent = typeof body === "function" ? watched(await body(), () => timer.refresh()) : body;
      return await fetch(url, {
        ...(proxy !== undefined && { proxy }),
        method,
        headers: { "User-Agent": "gantry", "Accept-Encoding": "identity", ...headers },
        ...(sent !== undefined && { body: sent }),
        redirect: "manual",
        decompress: false,
        signal: AbortSignal.any([signal, silence.signal]),
        ...(tls !== undefined && { tls }),
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async #tls({ host }: URL): Promise<BunFetchRequestInitTLS> {
    const { ca, cert, key, hasOwnAuthority } = await this.#trustOf(host);
    const shown = cert === undefined || key === undefined ? {} : { cert, key };
    // No checkServerIdentity of our own: with one, connections are not kept.
    // A registry on loopback may show anything, unless somebody says what it has to show.
    const mayShowAny = mayBeInsecure(host, this.#settings.insecureRegistries) && !(isLoopback(host) && hasOwnAuthority);
    if (mayShowAny) return { rejectUnauthorized: false, ...shown };
    return { ...(ca !== undefined && { ca }), ...shown };
  }

  #trustOf(host: string): Promise<Trust> {
    const found = this.#trusts.get(host) ?? readTrust(host, this.#settings.certificateFolders);
    this.#trusts.set(host, found);
    found.catch(() => this.#trusts.delete(host));
    return found;
  }
}

function watched(body: ReadableStream<Uint8Array>, onPiece: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await reader.read();
        onPiece();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
