import { createHash } from "node:crypto";
import { type Digest, fault } from "#base";
import {
  acceptedManifests,
  type Credentials,
  type Descriptor,
  type FetchedManifest,
  isIndexType,
  isManifestType,
  maxManifestSize,
  parseManifest,
  type Reference,
  type Registry,
  type RegistryCall,
  type RegistryLogin,
} from "#image";
import { RegistryConnection, type RegistryRequest } from "./connection.ts";
import { credentialsFor } from "./credentials.ts";
import { mirrorsOf, registryHost } from "./endpoint.ts";
import { Fetcher } from "./fetch.ts";
import { logIn } from "./login.ts";
import { readAtMost } from "./read-body.ts";
import { refusal, unresolved } from "./refusal.ts";
import { resumingBody, skipping } from "./resuming-body.ts";
import { type Patience, pause, sendPatiently } from "./retry.ts";
import { type RegistrySettings, usualRegistrySettings } from "./settings.ts";

interface Asked extends RegistryCall {
  readonly headers: Readonly<Record<string, string>>;
}

/** Registries over http (OCI distribution spec 1.1): one connection a host, kept for its scheme and proofs. Mirrors go before the registry. */
export class HttpRegistry implements Registry, RegistryLogin {
  #settings: RegistrySettings;
  #fetcher: Fetcher;
  readonly #pause: Patience["pause"];
  readonly #connections = new Map<string, readonly RegistryConnection[]>();

  /** `wait` stands for the clock in tests. */
  constructor(settings: Partial<RegistrySettings> = {}, wait: Patience["pause"] = pause) {
    this.#settings = { ...usualRegistrySettings, ...settings };
    this.#fetcher = new Fetcher(this.#settings);
    this.#pause = wait;
  }

  /** New requests go by these. */
  configure(settings: Partial<RegistrySettings>): void {
    this.#settings = { ...usualRegistrySettings, ...settings };
    this.#fetcher = new Fetcher(this.#settings);
    this.#connections.clear();
  }

  login(credentials: Credentials, { signal }: { readonly signal: AbortSignal }): Promise<{ readonly identityToken: string }> {
    return logIn(credentials, { settings: this.#settings, fetcher: this.#fetcher, signal });
  }

  async manifest(reference: Reference, options: RegistryCall & { readonly digest?: Digest }): Promise<FetchedManifest> {
    const digest = options.digest ?? reference.digest;
    const headers = { Accept: acceptedManifests.join(", ") };
    const response = await this.#send(reference, `manifests/${digest ?? reference.tag ?? "latest"}`, { ...options, headers });
    if (!response.ok) throw await refusal(reference, response, this.#own(reference, options.credentials));
    const bytes = await readAtMost(response, maxManifestSize);
    const found = sha256(bytes);
    if (digest !== undefined && found !== digest)
      throw fault("invalid", `failed size validation: manifest has digest ${found}, expected ${digest}`);
    const { mediaType } = parseManifest(bytes, mediaTypeOf(response));
    return { descriptor: { mediaType, digest: found, size: bytes.length }, bytes };
  }

  async blob(reference: Reference, descriptor: Descriptor, options: RegistryCall): Promise<ReadableStream<Uint8Array>> {
    const open = async (offset: number): Promise<ReadableStream<Uint8Array>> => {
      const headers: Record<string, string> = offset === 0 ? {} : { Range: `bytes=${offset}-` };
      const response = await this.#send(reference, `blobs/${descriptor.digest}`, { ...options, headers });
      if (!response.ok || response.body === null) throw await refusal(reference, response, this.#own(reference, options.credentials));
      if (offset === 0) return response.body;
      // A server that knows no ranges begins anew (RFC 9110 section 14.2).
      if (response.status === 200) return skipping(response.body, offset);
      if (response.headers.get("content-range")?.startsWith(`bytes ${offset}-`) === true) return response.body;
      await response.body.cancel();
      throw fault("unavailable", `registry ${reference.domain} resumes a download elsewhere than it was asked to`);
    };
    const { attempts } = this.#patience();
    const again = async (offset: number, wait: number): Promise<ReadableStream<Uint8Array>> => {
      await this.#pause(wait, options.signal);
      return open(offset);
    };
    return resumingBody(await open(0), { size: descriptor.size, reopen: again, attempts, signal: options.signal });
  }

  async #send(reference: Reference, path: string, asked: Asked): Promise<Response> {
    const { headers, signal, credentials } = asked;
    try {
      const request = {
        headers,
        signal,
        method: "GET",
        path: `${reference.path}/${path}`,
        scope: `repository:${reference.path}:pull`,
      } as const;
      return await sendToFirst(
        this.#connectionsOf(reference),
        (connection) => {
          const own = credentialsFor(connection.host, reference, credentials);
          return { ...request, ...(own !== undefined && { credentials: own }) };
        },
        this.#patience(),
      );
    } catch (cause) {
      signal.throwIfAborted();
      throw unresolved(reference, cause, this.#own(reference, credentials));
    }
  }

  /** Those of a call that its own registry is shown. */
  #own(reference: Reference, credentials: Credentials | undefined): Credentials | undefined {
    return credentialsFor(registryHost(reference.domain, []).host, reference, credentials);
  }

  #patience(): Patience {
    return { attempts: this.#settings.maxAttempts || 1, pause: this.#pause };
  }

  #connectionsOf({ domain }: Reference): readonly RegistryConnection[] {
    const found = this.#connections.get(domain);
    if (found !== undefined) return found;
    const hosts = [...mirrorsOf(domain, this.#settings), registryHost(domain, this.#settings.insecureRegistries)];
    const made = hosts.map((host) => new RegistryConnection(host, this.#settings, this.#fetcher));
    this.#connections.set(domain, made);
    return made;
  }
}

/** The last one's answer counts, whatever it is; of those before it only one that has what was asked for, and at once. */
async function sendToFirst(
  connections: readonly RegistryConnection[],
  requestTo: (connection: RegistryConnection) => RegistryRequest,
  patience: Patience,
): Promise<Response> {
  const [connection, ...others] = connections;
  if (connection === undefined) throw fault("internal", "no registry to ask");
  const request = requestTo(connection);
  if (others.length === 0) return sendPatiently(() => connection.send(request), { ...patience, signal: request.signal });
  try {
    const response = await connection.send(request);
    if (response.ok) return response;
    await response.body?.cancel();
  } catch {
    // A mirror that does not answer is as one that does not have it.
    request.signal.throwIfAborted();
  }
  return sendToFirst(others, requestTo, patience);
}

function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** The header's type where it names a manifest; servers that serve plain files say something general. */
function mediaTypeOf(response: Response): string | undefined {
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  return isIndexType(type) || isManifestType(type) ? type : undefined;
}
