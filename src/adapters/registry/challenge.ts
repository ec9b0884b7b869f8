/** A `WWW-Authenticate: Bearer` challenge (distribution spec, token authentication; RFC 9110 section 11.6.1). */
export interface BearerChallenge {
  readonly realm: string;
  readonly service?: string;
  readonly scope?: string;
}

const parameter = /([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** Reads a bearer challenge; undefined when the header asks for something else. */
export function parseBearerChallenge(header: string | null): BearerChallenge | undefined {
  if (header === null || !/^bearer\s/i.test(header)) return undefined;
  const found = new Map<string, string>();
  for (const [, name, quoted, plain] of header.slice("bearer".length).matchAll(parameter))
    found.set((name ?? "").toLowerCase(), (quoted ?? plain ?? "").replace(/\\(.)/g, "$1"));
  const realm = found.get("realm");
  if (realm === undefined) return undefined;
  const service = found.get("service");
  const scope = found.get("scope");
  return { realm, ...(service !== undefined && { service }), ...(scope !== undefined && { scope }) };
}

/** The address that gives an anonymous token for a challenge. `fallbackScope` counts where the registry names none. */
export function tokenUrl(challenge: BearerChallenge, fallbackScope: string): URL {
  const url = new URL(challenge.realm);
  if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
  for (const scope of (challenge.scope ?? fallbackScope).split(" ").filter((text) => text !== "")) url.searchParams.append("scope", scope);
  return url;
}
