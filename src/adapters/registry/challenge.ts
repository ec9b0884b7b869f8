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

/**
 * The scopes to ask for: what the registry names, or `own` where it names none. Who wants to push asks for all of its own at once: the registry
 * names what this one request needs, and a push begins with one that only looks.
 */
export function scopesOf(challenge: BearerChallenge, own: string): readonly string[] {
  const named = wordsOf(challenge.scope ?? own);
  if (!own.includes("push")) return named;
  const wanted = wordsOf(own);
  return [...wanted, ...named.filter((scope) => !wanted.some((other) => covers(other, scope)))];
}

function wordsOf(scopes: string): readonly string[] {
  return scopes.split(" ").filter((text) => text !== "");
}

/** "repository:x:pull,push" covers "repository:x:pull". */
function covers(scope: string, narrower: string): boolean {
  const [resource, actions] = splitScope(scope);
  const [other, wanted] = splitScope(narrower);
  return resource === other && wanted.every((action) => actions.includes(action));
}

function splitScope(scope: string): readonly [resource: string, actions: readonly string[]] {
  const colon = scope.lastIndexOf(":");
  return [scope.slice(0, colon), scope.slice(colon + 1).split(",")];
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
