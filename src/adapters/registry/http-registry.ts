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
  type RegistryLogin,
} from "#image";
import { readAtMost, RegistryConnection, type RegistryRequest } from "./connection.ts";
import { mirrorHost, registryHost } from "./endpoint.ts";
import { logIn } from "./login.ts";
import { refusal, unresolved } from "./refusal.ts";
import { resumingBody } from "./resuming-body.ts";
import { type RegistrySettings, usualRegistrySettings } from "./settings.ts";

/** Registries over http (OCI distribution spec 1.1): one connection a host, kept for its scheme and tokens. Mirrors go before docker.io. */
export class HttpRegistry implements Registry, RegistryLogin {
  #settings: RegistrySettings;
  readonly #connections = new Map<string, readonly RegistryConnection[]>();

  constructor(settings: Partial<RegistrySettings> = {}) {
    this.#settings = { ...usualRegistrySettings, ...settings };
  }

  /** New requests go by these. */
  configure(settings: RegistrySettings): void {
    this.#settings = settings;
    this.#connections.clear();
  }

  login(credentials: Credentials, { signal }: { readonly signal: AbortSignal }): Promise<{ readonly identityToken: string }> {
    return logIn(credentials, this.#settings, signal);
  }

  async manifest(reference: Reference, options: { readonly digest?: Digest; readonly signal: AbortSignal }): Promise<FetchedManifest> {
    const digest = options.digest ?? reference.digest;
    const response = await this.#send(reference, `manifests/${digest ?? reference.tag ?? "latest"}`, {
      headers: { Accept: acceptedManifests.join(", ") },
      signal: options.signal,
    });
    if (!response.ok) throw await refusal(reference, response);
    const bytes = await readAtMost(response, maxManifestSize);
    const found = sha256(bytes);
    if (digest !== undefined && found !== digest)
      throw fault("invalid", `failed size validation: manifest has digest ${found}, expected ${digest}`);
    const { mediaType } = parseManifest(bytes, mediaTypeOf(response));
    return { descriptor: { mediaType, digest: found, size: bytes.length }, bytes };
  }

  async blob(reference: Reference, descriptor: Descriptor, options: { readonly signal: AbortSignal }): Promise<ReadableStream<Uint8Array>> {
    const open = async (offset: number): Promise<ReadableStream<Uint8Array>> => {
      const response = await this.#send(reference, `blobs/${descriptor.digest}`, {
        headers: offset === 0 ? {} : { Range: `bytes=${offset}-` },
        signal: options.signal,
      });
      if (!response.ok || response.body === null) throw await refusal(reference, response);
      if (offset > 0 && response.status !== 206) {
        await response.body.cancel();
        throw fault("unavailable", `registry ${reference.domain} does not resume a download`);
      }
      return response.body;
    };
    return resumingBody(await open(0), {
      size: descriptor.size,
      reopen: open,
      attempts: this.#settings.maxAttempts || 1,
      signal: options.signal,
    });
  }

  async #send(
    reference: Reference,
    path: string,
    options: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<Response> {
    try {
      const scope = `repository:${reference.path}:pull`;
      const request = { ...options, method: "GET", path: `${reference.path}/${path}`, scope } as const;
      return await sendToFirst(this.#connectionsOf(reference), request);
    } catch (cause) {
      options.signal.throwIfAborted();
      throw unresolved(reference, cause);
    }
  }

  #connectionsOf({ domain }: Reference): readonly RegistryConnection[] {
    const found = this.#connections.get(domain);
    if (found !== undefined) return found;
    const { insecureRegistries, mirrors, proxies } = this.#settings;
    const own = domain === "docker.io" ? mirrors.map((mirror) => mirrorHost(mirror, insecureRegistries)) : [];
    const made = [...own, registryHost(domain, insecureRegistries)].map((host) => new RegistryConnection(host, proxies));
    this.#connections.set(domain, made);
    return made;
  }
}

/** The last one's answer counts, whatever it is; of those before it only one that has what was asked for. */
async function sendToFirst(connections: readonly RegistryConnection[], request: RegistryRequest): Promise<Response> {
  const [connection, ...others] = connections;
  if (connection === undefined) throw fault("internal", "no registry to ask");
  if (others.length === 0) return connection.send(request);
  try {
    const response = await connection.send(request);
    if (response.ok) return response;
    await response.body?.cancel();
  } catch {
    // A mirror that does not answer is as one that does not have it.
    request.signal.throwIfAborted();
  }
  return sendToFirst(others, request);
}

function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** The header's type where it names a manifest; servers that serve plain files say something general. */
function mediaTypeOf(response: Response): string | undefined {
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  return isIndexType(type) || isManifestType(type) ? type : undefined;
}
