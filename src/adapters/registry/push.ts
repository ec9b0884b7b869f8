// The requests of a push that are one answer each (OCI distribution spec, "Push").
import { type Digest, fault, isDigest } from "#base";
import { acceptedManifests, type Credentials, type FetchedManifest, type Reference } from "#image";
import type { RegistryConnection, RegistryRequest } from "./connection.ts";
import { pushRefusal } from "./push-refusal.ts";
import { type Patience, sendPatiently } from "./retry.ts";

/** Whom a push talks to, as whom, and for how long. */
export interface PushTarget {
  readonly reference: Reference;
  readonly connection: RegistryConnection;
  readonly patience: Patience & { readonly signal: AbortSignal };
  readonly credentials?: Credentials;
}

/** Whether a repository has a blob. */
export async function hasBlob(target: PushTarget, blob: Digest): Promise<boolean> {
  const response = await patiently(target, { method: "HEAD", path: `blobs/${blob}` });
  if (response.status === 404) return false;
  if (!response.ok) throw await pushRefusal(target, "HEAD", response);
  return true;
}

/** What a repository has under the target's tag or digest. */
export async function findManifest(target: PushTarget): Promise<Digest | undefined> {
  const { digest, tag } = target.reference;
  const headers = { Accept: acceptedManifests.join(", ") };
  const response = await patiently(target, { method: "HEAD", path: `manifests/${digest ?? tag ?? "latest"}`, headers });
  if (response.status === 404) return undefined;
  if (!response.ok) throw await pushRefusal(target, "HEAD", response);
  const found = response.headers.get("docker-content-digest") ?? digest ?? "";
  return isDigest(found) ? found : undefined;
}

/** Stores a manifest under the target's tag, or without one under its digest. */
export async function putManifest(target: PushTarget, { descriptor, bytes }: FetchedManifest): Promise<void> {
  const name = target.reference.tag ?? descriptor.digest;
  const headers = { "Content-Type": descriptor.mediaType };
  const response = await patiently(target, { method: "PUT", path: `manifests/${name}`, headers, body: bytes.slice() });
  if (![200, 201, 202].includes(response.status)) throw await pushRefusal(target, "PUT", response);
  await response.body?.cancel();
  const stored = response.headers.get("docker-content-digest") ?? descriptor.digest;
  if (stored === descriptor.digest) return;
  throw fault("unavailable", `registry ${target.connection.host} stored ${stored} instead of ${descriptor.digest}`);
}

/** A request below the target's repository, once; it asks for the right to push, and to read another repository where it names one. */
export function send(
  { reference, connection, patience, credentials }: PushTarget,
  { path, ...asked }: Partial<RegistryRequest> & Pick<RegistryRequest, "method" | "path">,
  from?: string,
): Promise<Response> {
  const scope = `repository:${reference.path}:pull,push${from === undefined ? "" : ` repository:${from}:pull`}`;
  return connection.send({
    headers: {},
    ...asked,
    path: path instanceof URL ? path : `${reference.path}/${path}`,
    scope,
    signal: patience.signal,
    ...(credentials !== undefined && { credentials }),
  });
}

function patiently(target: PushTarget, request: Partial<RegistryRequest> & Pick<RegistryRequest, "method" | "path">): Promise<Response> {
  return sendPatiently(() => send(target, request), target.patience);
}
