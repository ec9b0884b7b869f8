import { fault } from "#base";
import { type Credentials, formatReference, isTag, type Reference } from "#image";
import { readJson } from "./read-body.ts";
import { refusal } from "./refusal.ts";

/** Pages and tags of one list: whoever has more is not asked to the end (row D09). */
const maxPages = 1_000;
const maxTags = 10_000;

/** Every tag of a repository (OCI distribution spec, "Listing tags"), page by page. @throws unavailable for a list that does not end */
export async function listTags(
  reference: Reference,
  send: (path: string) => Promise<Response>,
  credentials: Credentials | undefined,
): Promise<readonly string[]> {
  const tags = new Set<string>();
  let query = "";
  for (let pages = 0; pages < maxPages; pages += 1) {
    const response = await send(`tags/list${query}`);
    if (response.status === 404)
      throw fault("not-found", `repository ${formatReference(reference)} not found: name unknown: repository name not known to registry`);
    if (!response.ok) throw await refusal(reference, response, credentials);
    const next = nextQuery(response.headers.get("link"));
    const { tags: listed } = await readJson(response);
    for (const tag of Array.isArray(listed) ? listed : []) {
      if (typeof tag !== "string" || !isTag(tag))
        throw fault("unavailable", `registry ${reference.domain} lists ${JSON.stringify(tag)}, which is no tag`);
      tags.add(tag);
    }
    if (tags.size > maxTags) break;
    if (next === undefined || next === query) return [...tags];
    query = next;
  }
  throw fault("unavailable", `registry ${reference.domain} lists more than ${maxTags} tags of ${reference.path}, or does not end`);
}

/** The query of the next page (RFC 8288); only what it asks for counts, so that a list leads nowhere else. */
function nextQuery(link: string | null): string | undefined {
  const address = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? "")?.[1];
  const at = address?.indexOf("?") ?? -1;
  return address === undefined || at === -1 ? undefined : address.slice(at);
}
