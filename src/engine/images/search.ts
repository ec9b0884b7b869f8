import { fault } from "#base";
import type { RegistryCall, RegistrySearch, SearchHit } from "#image";
import type { SearchRequest } from "./verbs.ts";

const usualLimit = 25;
const largestLimit = 100;

/** Repositories that a registry finds for a term, as its ranking has them. @throws invalid in Docker's words, unavailable naming the host */
export async function search(
  { registry }: { readonly registry: RegistrySearch },
  term: string,
  { limit = 0, stars = 0, official, automated = false, ...call }: SearchRequest & RegistryCall,
): Promise<readonly SearchHit[]> {
  if (limit < 0 || limit > largestLimit) throw fault("invalid", `limit ${limit} is outside the range of [1, ${largestLimit}]`);
  if (term.includes("://")) throw fault("invalid", `invalid repository name: repository name (${term}) should not have a scheme`);
  // Nothing is built by the hub itself any more, so nothing is asked.
  if (automated) return [];
  const found = await registry.search(term, { ...call, limit: limit === 0 ? usualLimit : limit });
  return found.filter((hit) => hit.stars >= stars && (official === undefined || hit.official === official));
}
