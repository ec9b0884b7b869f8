import { createHash } from "node:crypto";
import { type Digest, fault } from "#base";
import {
  acceptedManifests,
  type Descriptor,
  type FetchedManifest,
  isIndexType,
  isManifestType,
  maxManifestSize,
  parseManifest,
  type Reference,
  type Registry,
} from "#image";
import { readAtMost, RegistryConnection } from "./connection.ts";
import { registryHost } from "./endpoint.ts";
import { refusal, unresolved } from "./refusal.ts";
import { resumingBody } from "./resuming-body.ts";

interface HttpRegistryOptions {
  /** Hosts, with or without port, or CIDRs that may speak http or show any certificate; loopback always may. */
  readonly insecureRegistries: readonly string[];
}

/** Registries over http (OCI distribution spec 1.1): one connection a host, kept for its scheme and tokens. */
export class HttpRegistry implements Registry {
  readonly #options: HttpRegistryOptions;
  readonly #connections = new Map<string, RegistryConnection>();

  constructor(options: HttpRegistryOptions) {
    this.#options = options;
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
    return resumingBody(await open(0), { size: descriptor.size, reopen: open, signal: options.signal });
  }

  async #send(
    reference: Reference,
    path: string,
    options: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<Response> {
    try {
      const scope = `repository:${reference.path}:pull`;
      return await this.#connection(reference).send({ ...options, method: "GET", path: `${reference.path}/${path}`, scope });
    } catch (cause) {
      options.signal.throwIfAborted();
      throw unresolved(reference, cause);
    }
  }

  #connection(reference: Reference): RegistryConnection {
    const found = this.#connections.get(reference.domain);
    if (found !== undefined) return found;
    const made = new RegistryConnection(registryHost(reference.domain, this.#options.insecureRegistries));
    this.#connections.set(reference.domain, made);
    return made;
  }
}

function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** The header's type where it names a manifest; servers that serve plain files say something general. */
function mediaTypeOf(response: Response): string | undefined {
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  return isIndexType(type) || isManifestType(type) ? type : undefined;
}
