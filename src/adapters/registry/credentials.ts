// Whose credentials go where: to the registry that they are for, and to the token server that it is known to have.
import { createHash } from "node:crypto";
import { fault } from "#base";
import type { Credentials, Reference } from "#image";
import { nameOf } from "./endpoint.ts";

/** Token servers that stand beside well-known registries, under another name. */
const knownAuthHosts: readonly string[] = [
  "registry-1.docker.io=auth.docker.io",
  "registry.gitlab.com=gitlab.com",
  "registry.redhat.io=sso.redhat.com",
  "docker.elastic.co=docker-auth.elastic.co",
  "nvcr.io=authn.nvidia.com",
];

/** Those of a call, when they are for this host; undefined for another's and for none. */
export function credentialsFor(host: string, reference: Reference, credentials: Credentials | undefined): Credentials | undefined {
  if (credentials === undefined) return undefined;
  const { username, password, identityToken, registryToken = "", serverAddress } = credentials;
  if (username === "" && password === "" && identityToken === "" && registryToken === "") return undefined;
  const named = serverAddress.replace(/^https?:\/\//, "").split("/", 1)[0] || reference.domain;
  const owner = named === "index.docker.io" || named === "docker.io" ? "registry-1.docker.io" : named;
  return owner === host ? credentials : undefined;
}

/** A name for credentials that tells nothing of them; "" for none. */
export function fingerprint(credentials: Credentials | undefined): string {
  if (credentials === undefined) return "";
  const { username, password, identityToken, registryToken = "" } = credentials;
  return createHash("sha256")
    .update(JSON.stringify([username, password, identityToken, registryToken]))
    .digest("hex");
}

/** @throws unavailable when a token server is neither the registry's own host nor one that it is known or configured to have */
export function checkAuthHost(host: string, realm: URL, configured: readonly string[]): void {
  if (realm.hostname === nameOf(host)) return;
  if ([...knownAuthHosts, ...configured].includes(`${host}=${realm.host}`)) return;
  const remedy = `"registry-auth-hosts": ["${host}=${realm.host}"] in daemon.json allows it`;
  throw fault("unavailable", `registry ${host} wants credentials to be sent to ${realm.host}, which it is not known to trust: ${remedy}`);
}

/** RFC 7617. */
export function basicAuthorization({ username, password }: Pick<Credentials, "username" | "password">): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
