import { fault } from "#base";
import { formatFamiliar, formatReference, isTag, parseReference } from "#image";
import { announceImage } from "./announce.ts";
import { findImage } from "./find.ts";
import type { ImageNeeds } from "./needs.ts";

/** Gives an image a further name, which leaves the image that had it. @throws not-found; invalid with Docker's words */
export async function tag(
  needs: Pick<ImageNeeds, "announcer" | "catalog">,
  name: string,
  target: { readonly repository: string; readonly tag: string },
): Promise<void> {
  const repository = parseReference(target.repository);
  if (repository.digest !== undefined) throw fault("invalid", "refusing to create a tag with a digest reference");
  if (target.tag !== "" && !isTag(target.tag)) throw fault("invalid", "invalid tag format");
  const reference = { ...repository, tag: target.tag === "" ? (repository.tag ?? "latest") : target.tag };
  const { image } = findImage(needs.catalog, name);
  const tagged = await needs.catalog.put(image.target, [], [formatReference(reference)]);
  announceImage(needs.announcer, "tag", { actorId: image.id, name: formatFamiliar(reference), image: tagged });
}
