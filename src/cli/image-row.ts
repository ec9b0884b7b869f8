import { formatSize, shortId } from "#base";
import type { ImageSummary } from "#client";
import { goTime, humanSince } from "./human.ts";

/** A name of an image as `images` tells of it, by Docker's names for the columns, in the order of the JSON. */
export interface ImageRow {
  readonly Containers: string;
  readonly CreatedAt: string;
  readonly CreatedSince: string;
  readonly Digest: string;
  readonly ID: string;
  readonly Repository: string;
  readonly SharedSize: string;
  readonly Size: string;
  readonly Tag: string;
  readonly UniqueSize: string;
  readonly VirtualSize: string;
}

const none = "<none>";

/** One row for each name; an image without a name has one row. With `digests` a row for each digest of the name. */
export function imageRows(image: ImageSummary, options: { readonly whole: boolean; readonly digests: boolean }): ImageRow[] {
  const tags = (image.RepoTags ?? []).filter((tag) => tag !== `${none}:${none}`).map((name) => splitLast(name, ":"));
  const digests = (image.RepoDigests ?? []).filter((digest) => digest !== `${none}@${none}`).map((name) => splitLast(name, "@"));
  const repositories = new Set([...tags, ...digests].map(([repository]) => repository));
  const row = (Repository: string, Tag: string, Digest: string): ImageRow => rowOf(image, options.whole, { Repository, Tag, Digest });
  if (repositories.size === 0) return [row(none, none, none)];
  return [...repositories].flatMap((repository) => {
    const ownTags = valuesOf(tags, repository);
    const ownDigests = valuesOf(digests, repository);
    const shownTags = ownTags.length === 0 ? [none] : ownTags;
    if (!options.digests) return shownTags.map((tag) => row(repository, tag, none));
    const shownDigests = ownDigests.length === 0 ? [none] : ownDigests;
    return shownTags.flatMap((tag) => shownDigests.map((digest) => row(repository, tag, digest)));
  });
}

function rowOf(image: ImageSummary, whole: boolean, name: Pick<ImageRow, "Repository" | "Tag" | "Digest">): ImageRow {
  const counted = (value: number | undefined): string => (value === undefined || value === -1 ? "N/A" : String(value));
  const shared = image.SharedSize ?? -1;
  return {
    Containers: counted(image.Containers),
    // The time zone costs a millisecond, and the usual table does not show it.
    get CreatedAt() {
      return goTime(image.Created);
    },
    CreatedSince: image.Created <= 0 ? "N/A" : humanSince(image.Created),
    Digest: name.Digest,
    ID: whole ? image.Id : shortId(image.Id.replace(/^sha256:/, "")),
    Repository: name.Repository,
    SharedSize: shared === -1 ? "N/A" : formatSize(shared),
    Size: formatSize(image.Size, 3),
    Tag: name.Tag,
    UniqueSize: shared === -1 ? "N/A" : formatSize(image.Size - shared),
    VirtualSize: formatSize(image.Size),
  };
}

function valuesOf(pairs: readonly (readonly [string, string])[], repository: string): string[] {
  return pairs.flatMap(([name, value]) => (name === repository ? [value] : []));
}

function splitLast(text: string, separator: string): [string, string] {
  const at = text.lastIndexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}
