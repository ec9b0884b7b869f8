// Search by the index protocol of Docker's first registries: GET /v1/search?q=TERM&n=LIMIT answers {"results": [...]}.
import { EngineError, fault } from "#base";
import { type Credentials, domainOf, type RegistryCall, type SearchHit } from "#image";
import { basicAuthorization, credentialsFor } from "./credentials.ts";
import { registryHost } from "./endpoint.ts";
import type { Fetcher } from "./fetch.ts";
import { readJson } from "./read-body.ts";
import { isPlainServer, isRefused, requestSentence } from "./request-failure.ts";
import type { RegistrySettings } from "./settings.ts";

interface Means {
  readonly settings: RegistrySettings;
  readonly fetcher: Fetcher;
}

/** docker.io's index, which is none of its registry's hosts. */
const index = "index.docker.io";

/** See the port `RegistrySearch`. */
export async function searchRegistry(
  text: string,
  { settings, fetcher, limit, credentials, signal }: Means & RegistryCall & { readonly limit: number },
): Promise<readonly SearchHit[]> {
  const { domain, rest } = domainOf(text);
  const isHub = domain === "docker.io";
  const host = isHub ? index : domain;
  const query = new URLSearchParams({ q: isHub ? rest.replace(/^library\//, "") : rest, n: String(limit) });
  const own = credentialsFor(registryHost(domain, []).host, { domain, path: rest }, credentials);
  const ask = (scheme: string): Promise<Response> =>
    send(new URL(`${scheme}://${host}/v1/search?${query.toString()}`), { fetcher, own, signal });
  const mayBePlain = !isHub && registryHost(domain, settings.insecureRegistries).insecure;
  const response = await ask("https").catch(async (error: unknown) => {
    const cause = error instanceof EngineError ? error.cause : undefined;
    if (!mayBePlain || (!isPlainServer(cause) && !isRefused(cause))) throw error;
    return await ask("http");
  });
  const reply = await readJson(response);
  if (!response.ok) throw fault("unavailable", `registry ${host} cannot be searched: unexpected status code ${response.status}`);
  if (!Array.isArray(reply["results"])) throw fault("unavailable", `registry ${host} cannot be searched: its answer holds no results`);
  return reply["results"].flatMap(readHit);
}

async function send(
  url: URL,
  { fetcher, own, signal }: { readonly fetcher: Fetcher; readonly own: Credentials | undefined; readonly signal: AbortSignal },
): Promise<Response> {
  const headers: Record<string, string> = own === undefined || own.username === "" ? {} : { Authorization: basicAuthorization(own) };
  try {
    return await fetcher.fetch(url, { method: "GET", headers, signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw fault("unavailable", requestSentence("GET", url, cause), { cause });
  }
}

/** A result without a name is none. */
function readHit(value: unknown): readonly SearchHit[] {
  if (typeof value !== "object" || value === null) return [];
  const { name, description, star_count: stars, is_official: official } = value as Readonly<Record<string, unknown>>;
  if (typeof name !== "string" || name === "") return [];
  return [
    {
      name,
      description: typeof description === "string" ? description : "",
      stars: typeof stars === "number" && Number.isSafeInteger(stars) ? stars : 0,
      official: official === true,
    },
  ];
}
