import { type Digest, fault, isDigest } from "#base";

/** A parsed image name (distribution/reference grammar), normalized as Docker does: docker.io and library/ are filled in. */
export interface Reference {
  /** "docker.io", "127.0.0.1:5000" */
  readonly domain: string;
  /** "library/busybox" */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const pathComponent = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
const domainGrammar =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const pathGrammar = new RegExp(`^${pathComponent}(?:/${pathComponent})*$`);
const tagGrammar = /^[\w][\w.-]{0,127}$/;

export function isTag(text: string): boolean {
  return tagGrammar.test(text);
}

/** Characters of a path at most, registry not counted. */
const longestPath = 255;

/** @throws invalid with Docker's words, in the order in which Docker looks */
export function parseReference(text: string): Reference {
  if (text.length > 1024) throw fault("invalid", "invalid reference format");
  if (/^[a-f0-9]{64}$/.test(text)) throw fault("invalid", `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const { domain, path: remainder } = splitDomain(text);
  const [first = ""] = remainder.split(":", 1);
  if (first.toLowerCase() !== first) throw fault("invalid", `invalid reference format: repository name (${first}) must be lowercase`);
  const at = remainder.indexOf("@");
  const named = at === -1 ? remainder : remainder.slice(0, at);
  const colon = named.indexOf(":");
  const path = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  const digest = at === -1 ? undefined : remainder.slice(at + 1);
  const fits = domainGrammar.test(domain) && pathGrammar.test(path) && (tag === undefined || isTag(tag));
  if (!fits || (digest !== undefined && !digestGrammar.test(digest))) throw fault("invalid", "invalid reference format");
  if (path.length > longestPath) throw fault("invalid", `repository name must not be more than ${longestPath} characters`);
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest: checkDigest(digest) }) };
}

const digestGrammar = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
/** Hexadecimal digits of the algorithms that the OCI image spec registers; of these sha256 is kept here. */
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** @throws invalid in the words of Go's digest package; unsupported for an algorithm that Docker knows and we do not */
function checkDigest(text: string): Digest {
  if (isDigest(text)) return text;
  const [algorithm = "", hex = ""] = text.split(":");
  const length = digestLengths[algorithm];
  if (length === undefined) throw fault("invalid", "unsupported digest algorithm");
  if (hex.length !== length) throw fault("invalid", "invalid checksum digest length");
  if (hex.toLowerCase() !== hex) throw fault("invalid", "invalid checksum digest format");
  throw fault("unsupported", `digest algorithm ${algorithm} is not supported: name the image by its sha256 digest`);
}

/** The registry that a text begins with, docker.io where it names none, and what follows. */
export function domainOf(name: string): { readonly domain: string; readonly rest: string } {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const isDomain = first.includes(".") || first.includes(":") || first === "localhost" || first.toLowerCase() !== first;
  if (!isDomain) return { domain: "docker.io", rest: name };
  return { domain: first === "index.docker.io" ? "docker.io" : first, rest: name.slice(slash + 1) };
}

function splitDomain(name: string): { domain: string; path: string } {
  const { domain, rest } = domainOf(name);
  return { domain, path: domain === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest };
}

/** Adds "latest" where neither tag nor digest was given. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: "latest" } : reference;
}

/** "docker.io/library/busybox:latest": unique per image name, the key under which names are stored. */
export function formatReference(reference: Reference): string {
  return `${reference.domain}/${reference.path}${suffixOf(reference)}`;
}

/** The short form that Docker prints: docker.io and library/ left away. */
export function formatFamiliar(reference: Reference): string {
  return `${familiarName(reference)}${suffixOf(reference)}`;
}

/** The familiar name without tag and digest. */
export function familiarName(reference: Reference): string {
  if (reference.domain !== "docker.io") return `${reference.domain}/${reference.path}`;
  const { path } = reference;
  const short = /^library\/([^/]+)$/.exec(path)?.[1] ?? path;
  // What follows docker.io may look like another registry.
  return domainOf(short).rest === short ? short : `${reference.domain}/${path}`;
}

function suffixOf(reference: Reference): string {
  return (reference.tag === undefined ? "" : `:${reference.tag}`) + (reference.digest === undefined ? "" : `@${reference.digest}`);
}
