import { type EngineError, fault, hexOf, shortId } from "#base";
import {
  formatFamiliar,
  formatPlatform,
  type Image,
  type ImageManifest,
  parseReference,
  type Platform,
  type Reference,
  samePlatform,
} from "#image";
import type { Removed } from "./verbs.ts";
import { announceImage } from "./announce.ts";
import { namesOfRepository, platformOf, repositoryOf } from "./catalog.ts";
import { findImage } from "./find.ts";
import type { ImageNeeds } from "./needs.ts";
import { itemsOf, sweep } from "./sweep.ts";

interface RemoveOptions {
  readonly force: boolean;
  /** Only what the image has for these. */
  readonly platforms?: readonly Platform[];
}

/**
 * Removes an image, or only a name of it where it has others. By name: the last name goes with the image, unless a container uses it; then
 * `force` removes the name alone. By id: every name and the image, which several repositories or a stopped container prevent without
 * `force` and a running one always. @throws not-found, conflict with Docker's words
 */
export async function remove(needs: ImageNeeds, text: string, options: RemoveOptions): Promise<readonly Removed[]> {
  if (options.platforms !== undefined && options.platforms.length > 0)
    return await removePlatforms(needs, text, { force: options.force, platforms: options.platforms });
  const { image, reference } = findImage(needs.catalog, text);
  if (reference === undefined) {
    refuseById(needs, image, options.force);
    return await removeWhole(needs, image);
  }
  const names = namesMeant(image, reference);
  if (names.length < namesOf(image).length) return await untag(needs, image, names);
  const [user] = needs.users().filter((user) => user.image.id === image.id);
  if (user === undefined) return await removeWhole(needs, image);
  const id = shortId(hexOf(image.id));
  if (!options.force) {
    const because = `container ${shortId(user.containerId)} is using its referenced image ${id}`;
    throw conflict(formatFamiliar(reference), "must be forced", because);
  }
  return await untag(needs, image, names);
}

/**
 * What an image has for some platforms; the image goes with its last one. Blobs and layers that other images or containers need stay.
 * @throws not-found naming the platform, invalid without force
 */
async function removePlatforms(
  needs: ImageNeeds,
  text: string,
  { force, platforms }: Required<RemoveOptions>,
): Promise<readonly Removed[]> {
  const { image, reference } = findImage(needs.catalog, text);
  if (!force) throw fault("invalid", "Content will be removed from all images referencing this variant. Use —-force to force delete.");
  const name = reference === undefined ? text : formatFamiliar(reference);
  const meant = new Set(platforms.map((platform) => ofPlatform(image, name, platform)));
  if (meant.size === image.manifests.length) {
    refuseById(needs, image, force);
    return await removeWhole(needs, image);
  }
  await needs.catalog.drop(image.id, [...meant]);
  await sweep(needs, itemsOf(image.target.digest, [...meant]));
  return [...meant].map(({ descriptor }) => ({ deleted: descriptor.digest }));
}

function ofPlatform({ id, manifests }: Image, name: string, platform: Platform): ImageManifest {
  const found = manifests.find((manifest) => samePlatform(platform, platformOf(manifest)));
  if (found !== undefined) return found;
  const lacking = `image with reference ${name} was found but does not provide any platform`;
  throw fault("not-found", `failed to delete platform ${formatPlatform(platform)} for image ${id}: ${lacking}`);
}

/** With a digest, every name of the repository is meant; those with a tag alone stand for themselves. */
function namesMeant(image: Image, reference: Reference): readonly string[] {
  const whole = `${reference.domain}/${reference.path}`;
  if (reference.digest !== undefined) return namesOfRepository(namesOf(image), whole);
  return namesOf(image).filter((name) => name === `${whole}:${reference.tag ?? "latest"}`);
}

/** Tags, and digests that stand for themselves because no tag of their repository is left. */
function namesOf(image: Image): readonly string[] {
  const tagged = new Set(image.tags.map(repositoryOf));
  return [...image.tags, ...image.digests.filter((name) => !tagged.has(repositoryOf(name)))];
}

function refuseById({ users }: Pick<ImageNeeds, "users">, image: Image, force: boolean): void {
  const id = shortId(hexOf(image.id));
  const own = users().filter((user) => user.image.id === image.id);
  const running = own.find((user) => user.running);
  if (running !== undefined)
    throw conflict(id, "cannot be forced", `image is being used by running container ${shortId(running.containerId)}`);
  if (force) return;
  if (new Set(namesOf(image).map(repositoryOf)).size > 1)
    throw conflict(id, "must be forced", "image is referenced in multiple repositories");
  const [stopped] = own;
  if (stopped !== undefined)
    throw conflict(id, "must be forced", `image is being used by stopped container ${shortId(stopped.containerId)}`);
}

function conflict(name: string, force: string, because: string): EngineError {
  return fault("conflict", `conflict: unable to delete ${name} (${force}) - ${because}`);
}

async function untag(needs: ImageNeeds, image: Image, names: readonly string[]): Promise<readonly Removed[]> {
  const repositories = new Set(names.filter((name) => name.includes("@")).map(repositoryOf));
  await needs.catalog.untag(image.id, [...names, ...image.digests.filter((name) => repositories.has(repositoryOf(name)))]);
  return announceUntagged(needs, image, names);
}

async function removeWhole(needs: ImageNeeds, image: Image): Promise<readonly Removed[]> {
  await needs.catalog.delete(image.id);
  const untagged = announceUntagged(needs, image, namesOf(image));
  announceImage(needs.announcer, "delete", { actorId: image.id, name: image.id });
  await sweep(needs, itemsOf(image.target.digest, image.manifests));
  return [...untagged, { deleted: image.id }];
}

function announceUntagged({ announcer }: Pick<ImageNeeds, "announcer">, image: Image, names: readonly string[]): readonly Removed[] {
  return names.map((name) => {
    const untagged = formatFamiliar(parseReference(name));
    announceImage(announcer, "untag", { actorId: image.id, name: untagged });
    return { untagged };
  });
}
