import { fault } from "./fault.ts";

/** A content address as the OCI image spec writes it (descriptor.md, "Digests"); sha256 is the only algorithm we accept. */
export type Digest = `sha256:${string}`;

const grammar = /^sha256:[0-9a-f]{64}$/;

/** True for a well-formed sha256 digest in lower-case hex. */
export function isDigest(text: string): text is Digest {
  return grammar.test(text);
}

/** Checks foreign text before it comes near a path or a URL. @throws invalid */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw fault("invalid", `invalid digest format: ${JSON.stringify(text.slice(0, 100))}`);
  return text;
}

/** The 64 hex digits behind the algorithm. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}
