import { matchesLabel } from "#base";
import { type Image } from "#image";
import { formatFamiliar, familiarName, parseReference } from "#image";
import type { ImageFilters, ImageView } from "./verbs.ts";
import { findImage, type Found } from "./find.ts";
import type { ImageNeeds } from "./needs.ts";
import { matchPattern } from "./match-pattern.ts";

type ListNeeds = Pick<ImageNeeds, "catalog" | "layers" | "users">;

/** One image by whatever names it. */
export function get(needs: ListNeeds, text: string): ImageView {
  return viewOf(needs, findImage(needs.catalog, text));
}

/** Images that pass every filter, newest first. @throws not-found when before or since name none; invalid for a broken pattern */
export function list(needs: ListNeeds, filters: ImageFilters): readonly ImageView[] {
  const edge = (names: readonly string[] | undefined): readonly Image[] =>
    (names ?? []).map((name) => findImage(needs.catalog, name).image);
  const before = edge(filters.before);
  const since = edge(filters.since);
  return needs.catalog
    .all()
    .filter(
      (image) =>
        before.every((other) => createdAt(image) < createdAt(other)) && since.every((other) => createdAt(image) > createdAt(other)),
    )
    .filter((image) => filters.dangling === undefined || filters.dangling === (image.tags.length === 0 && image.digests.length === 0))
    .filter((image) => (filters.label ?? []).every((wanted) => matchesLabel(labelsOf(image), wanted)))
    .filter((image) => !(filters.withoutLabels ?? []).some((unwanted) => matchesLabel(labelsOf(image), unwanted)))
    .filter((image) => (filters.until ?? []).every((until) => image.taggedAt <= until))
    .filter((image) => filters.reference === undefined || filters.reference.some((pattern) => hasName(image, pattern)))
    .flatMap((image) => {
      const [manifest] = image.manifests;
      return manifest === undefined ? [] : [viewOf(needs, { image: withNames(image, filters.reference), manifest })];
    })
    .sort((a, b) => createdAt(b.image) - createdAt(a.image));
}

function viewOf({ layers, users }: ListNeeds, { image, manifest }: Found): ImageView {
  const containers = users().filter((user) => user.image.id === image.id).length;
  return { image, manifest, containers, history: manifest.history, layerDriver: layers.driver };
}

/** A pattern fits a familiar name with its tag or without. */
function hasName(image: Image, pattern: string): boolean {
  return [...image.tags, ...image.digests].some((name) => matchesName(name, pattern));
}

function matchesName(name: string, pattern: string): boolean {
  const reference = parseReference(name);
  return matchPattern(pattern, formatFamiliar(reference)) || matchPattern(pattern, familiarName(reference));
}

/** An image that was asked for by name shows the names that were asked for. */
function withNames(image: Image, patterns: readonly string[] | undefined): Image {
  if (patterns === undefined) return image;
  const fits = (name: string): boolean => patterns.some((pattern) => matchesName(name, pattern));
  const tags = image.tags.filter(fits);
  return { ...image, tags, digests: image.digests.filter((digest) => tags.some((tag) => repositoryOf(tag) === repositoryOf(digest))) };
}

function repositoryOf(name: string): string {
  return familiarName(parseReference(name));
}

function labelsOf({ manifests: [manifest] }: Image): Readonly<Record<string, string>> {
  return manifest?.runtime.labels ?? {};
}

function createdAt({ manifests: [manifest] }: Image): number {
  return manifest?.created === undefined ? 0 : Date.parse(manifest.created) || 0;
}
