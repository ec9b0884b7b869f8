import { fault } from "#base";
import { familiarName, isTag, parseReference, type Reference } from "#image";

/** The name that something shall get, as `repo` and `tag` of a query say it; undefined for none. @throws invalid in Docker's words */
export function targetReference(
  repository: string | undefined,
  tag: string | undefined,
): (Reference & { readonly tag: string }) | undefined {
  if (repository === undefined || repository === "") return undefined;
  const named = parseReference(repository);
  if (named.digest !== undefined) throw fault("invalid", "cannot import digest reference");
  if (familiarName(named) === "sha256") throw fault("invalid", "refusing to create an ambiguous tag using digest algorithm as name");
  return { domain: named.domain, path: named.path, tag: checkTag(tag === undefined || tag === "" ? (named.tag ?? "latest") : tag) };
}

/** @throws invalid for what is no tag */
export function checkTag(tag: string): string {
  if (!isTag(tag)) throw fault("invalid", "invalid tag format");
  return tag;
}
