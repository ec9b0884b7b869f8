import { createHash } from "node:crypto";
import { type Digest, fault } from "#base";
import {
  acceptedManifests,
  type BlobUpload,
  type Credentials,
  type Descriptor,
  type Downloads,
  type FetchedManifest,
  isIndexType,
  isManifestType,
  maxManifestSize,
  parseManifest,
  type Reference,
  type Registry,
  type RegistryCall,
  type RegistryLogin,
  type RegistryPush,
  type RegistrySearch,
  type SearchHit,
} from "#image";
import type { RegistryConnection, RegistryRequest } from "./connection.ts";
import { RegistryConnections } from "./connections.ts";
import { credentialsFor } from "./credentials.ts";
import { download } from "./download.ts";
import { logIn } from "./login.ts";
import { readAtMost } from "./read-body.ts";
import { refusal, unresolved } from "./refusal.ts";
import { resumingBody, skipping } from "./resuming-body.ts";
import { type Patience, pause, sendPatiently } from "./retry.ts";
import { findManifest, hasBlob, type PushTarget, putManifest } from "./push.ts";
import { searchRegistry } from "./search.ts";
import { sendBlob } from "./send-blob.ts";
import type { RegistrySettings } from "./settings.ts";
import { listTags } from "./tag-list.ts";

interface Asked extends RegistryCall {
  readonly headers: Readonly<Record<string, string>>;
}

/** Registries over http (OCI distribution spec 1.1): one connection a host, kept for its scheme and proofs. Mirrors go before the registry. */
export class HttpRegistry implements Registry, RegistryLogin, RegistryPush, RegistrySearch, Downloads {
  #connections: RegistryConnections;
  readonly #pause: Patience["pause"];

  /** `wait` stands for the clock in tests. */
  constructor(settings: Partial<RegistrySettings> = {}, wait: Patience["pause"] = pause) {
    this.#connections = new RegistryConnections(settings);
    this.#pause = wait;
  }

  /** New requests go by these. */
  configure(settings: Partial<RegistrySettings>): void {
    this.#connections = new RegistryConnections(settings);
  }

  login(credentials: Credentials, { signal }: { readonly signal: AbortSignal }): Promise<{ readonly identityToken: string }> {
    const { settings, fetcher } = this.#connections;
    return logIn(credentials, { settings, fetcher, signal });
  }

  download(url: string, signal: AbortSignal): ReturnType<Downloads["download"]> {
    return download(url, this.#connections.settings, signal);
  }

  search(term: string, options: RegistryCall & { readonly limit: number }): Promise<readonly SearchHit[]> {
    return searchRegistry(term, { settings: this.#connections.settings, fetcher: this.#connections.fetcher, ...options });
  }

  async manifest(reference: Reference, options: RegistryCall & { readonly digest?: Digest }): Promise<FetchedManifest> {
    const digest = options.digest ?? reference.digest;
    const headers = { Accept: acceptedManifests.join(", ") };
    const response = await this.#send(reference, `manifests/${digest ?? reference.tag ?? "latest"}`, { ...options, headers });
    if (!response.ok) throw await refusal(reference, response, this.#connections.ownCredentials(reference, options.credentials));
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
      if (!response.ok || response.body === null)
        throw await refusal(reference, response, this.#connections.ownCredentials(reference, options.credentials));
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

  async tags(reference: Reference, options: RegistryCall): Promise<readonly string[]> {
    const own = this.#connections.ownCredentials(reference, options.credentials);
    return await listTags(reference, (path) => this.#send(reference, path, { ...options, headers: {} }), own);
  }

  find(reference: Reference, options: RegistryCall): Promise<Digest | undefined> {
    return findManifest(this.#pushTo(reference, options));
  }

  has(reference: Reference, blob: Digest, options: RegistryCall): Promise<boolean> {
    return hasBlob(this.#pushTo(reference, options), blob);
  }

  send(reference: Reference, blob: Descriptor, options: BlobUpload): Promise<"sent" | "mounted" | "wanted"> {
    return sendBlob(this.#pushTo(reference, options), blob, options);
  }

  put(reference: Reference, manifest: FetchedManifest, options: RegistryCall): Promise<void> {
    return putManifest(this.#pushTo(reference, options), manifest);
  }

  /** A push goes to the registry itself, never to a mirror. */
  #pushTo(reference: Reference, { credentials, signal }: RegistryCall): PushTarget {
    const own = this.#connections.ownCredentials(reference, credentials);
    return {
      reference,
      connection: this.#connections.own(reference),
      patience: { ...this.#patience(), signal },
      ...(own !== undefined && { credentials: own }),
    };
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
        this.#connections.all(reference),
        (connection) => {
          const own = credentialsFor(connection.host, reference, credentials);
          return { ...request, ...(own !== undefined && { credentials: own }) };
        },
        this.#patience(),
      );
    } catch (cause) {
      signal.throwIfAborted();
      throw unresolved(reference, cause, this.#connections.ownCredentials(reference, credentials));
    }
  }

  #patience(): Patience {
    return { attempts: this.#connections.settings.maxAttempts || 1, pause: this.#pause };
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
