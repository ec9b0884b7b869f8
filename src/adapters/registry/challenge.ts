/** A `WWW-Authenticate: Bearer` challenge (distribution spec, token authentication; RFC 9110 section 11.6.1). */
export interface BearerChallenge {
  readonly realm: string;
  readonly service?: string;
  readonly scope?: string;
}

const parameter = /([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** Reads the bearer challenge of a header that may hold others beside it; undefined when it asks for something else. */
export function parseBearerChallenge(header: string | null): BearerChallenge | undefined {
  const text = challengeOf(header, "bearer");
  if (text === undefined) return undefined;
  const found = new Map<string, string>();
  for (const [, name, quoted, plain] of text.matchAll(parameter))
    found.set((name ?? "").toLowerCase(), (quoted ?? plain ?? "").replace(/\\(.)/g, "$1"));
  const realm = found.get("realm");
  if (realm === undefined) return undefined;
  const service = found.get("service");
  const scope = found.get("scope");
  return { realm, ...(service !== undefined && { service }), ...(scope !== undefined && { scope }) };
}

/** True when a password would do. */
export function asksForPassword(header: string | null): boolean {
  return challengeOf(header, "basic") !== undefined;
}

/** The scopes to ask for; `fallback` counts where the registry names none. */
export function scopesOf(challenge: BearerChallenge, fallback: string): readonly string[] {
  return (challenge.scope ?? fallback).split(" ").filter((text) => text !== "");
}

/** The address that gives a token for a challenge. `fallbackScope` counts where the registry names none. @throws TypeError for no address */
export function tokenUrl(challenge: BearerChallenge, fallbackScope: string): URL {
  const url = new URL(challenge.realm);
  if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
  for (const scope of scopesOf(challenge, fallbackScope)) url.searchParams.append("scope", scope);
  return url;
}

/** What follows a scheme's name, up to the next scheme. Several stand in one header, separated as their parameters are. */
function challengeOf(header: string | null, scheme: "basic" | "bearer"): string | undefined {
  // Quoted texts may hold anything, names of schemes too: they are looked past.
  const shape = (header ?? "").replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => '"'.repeat(quoted.length));
  const starts = [...shape.matchAll(/(?:^|,)\s*([A-Za-z]+)(?=\s+[A-Za-z]|\s*(?:,|$))/g)];
  const at = starts.findIndex(([, name]) => name?.toLowerCase() === scheme);
  const start = starts[at];
  return start === undefined ? undefined : (header ?? "").slice(start.index + start[0].length, starts[at + 1]?.index);
}
