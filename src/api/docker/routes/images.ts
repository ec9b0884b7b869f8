import { fault, isDigest, messageOf } from "#base";
import type { ImageFilters, ImageView } from "#engine";
import { familiarName, formatFamiliar, parseReference } from "#image";
import { downgrade, encodeProgress, knows } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { checkFilterKeys, flagOf, parseFilters } from "../filters.ts";
import { parseJsonPlatform, platformOfText } from "../platform.ts";
import { registryCredentials } from "../registry-auth.ts";
import { untilInstant } from "../prune-filters.ts";
import { relay, relayBegun } from "../relay-progress.ts";
import { checkTag, targetReference } from "../target-reference.ts";
import { inspectManifest, manifestsView } from "../views/image-manifests.ts";
import { historyView, inspectImage, removedView, summarizeImage } from "../views/image.ts";

export const imageRoutes: Handlers<
  "imageList" | "imageInspect" | "imageHistory" | "imageTag" | "imageRemove" | "imageLoad" | "imageCreate" | "imagePush"
> = {
  imageList: async ({ exchange, query, verbs, version }) => {
    const images = verbs.images.list(imageFilters(query.filters));
    const withShares = query["shared-size"] && knows(version, "sharedSizes");
    const usage = withShares ? await verbs.system.diskUsage({ images: true, containers: false, volumes: false }) : undefined;
    const shares = new Map(usage?.images?.map(({ view, sharedSize }) => [view.image.id, sharedSize]));
    const manifests = query.manifests && knows(version, "manifestsOfImageList") ? manifestsView(verbs) : undefined;
    const summary = (view: ImageView): object => downgrade("imageSummary", summarizeImage(view, shares.get(view.image.id)), version);
    if (manifests === undefined) exchange.reply(200, images.map(summary));
    else exchange.reply(200, await Promise.all(images.map(async (view) => ({ ...summary(view), ...(await manifests(view)) }))));
  },
  imageInspect: inspect,
  imageHistory: async ({ exchange, params, query, verbs, version }) => {
    const platform = knows(version, "platformOfHistory") ? parseJsonPlatform(query.platform) : undefined;
    exchange.reply(200, historyView(await verbs.images.history(params["name"] ?? "", platform)));
  },
  imageTag: async ({ exchange, params, query, verbs }) => {
    // Docker takes a request that names nothing for done.
    const target = targetReference(query.repo, query.tag);
    if (target === undefined) {
      exchange.done(200);
      return;
    }
    await verbs.images.tag(params["name"] ?? "", { repository: `${target.domain}/${target.path}`, tag: target.tag });
    exchange.done(201);
  },
  imageRemove: async ({ exchange, params, query, verbs, version }) => {
    const platforms = knows(version, "platformsOfImageRemove") ? query.platforms.flatMap((text) => parseJsonPlatform(text) ?? []) : [];
    const removed = await verbs.images.remove(params["name"] ?? "", { force: query.force, platforms });
    exchange.reply(200, removed.map(removedView));
  },
  imageLoad: load,
  imageCreate: create,
  imagePush: push,
};

async function inspect({ exchange, params, query, verbs, version }: Call<"imageInspect">): Promise<void> {
  const name = params["name"] ?? "";
  const platform = knows(version, "platformOfImage") ? parseJsonPlatform(query.platform) : undefined;
  const manifests = query.manifests && knows(version, "manifestsOfImage");
  if (platform !== undefined && manifests) throw fault("invalid", "conflicting options: manifests and platform options cannot both be set");
  const view = verbs.images.get(name);
  const shown = platform === undefined ? inspectImage(view) : await inspectManifest(verbs, view, { name, platform });
  exchange.reply(200, { ...downgrade("imageInspect", shown, version), ...(manifests && (await manifestsView(verbs)(view))) });
}

/** Docker tells of a broken archive in the stream: the status is always 200. */
async function load({ exchange, query, verbs, version }: Call<"imageLoad">): Promise<void> {
  const platform = knows(version, "platformOfArchive") ? parseJsonPlatform(query.platform) : undefined;
  const progress = verbs.images.load(exchange.bodyStream(), exchange.signal, platform);
  await relay(exchange, progress, (line) => !query.quiet || line.stream !== undefined);
}

async function create(call: Call<"imageCreate">): Promise<void> {
  const { exchange, query, verbs } = call;
  const name = query.fromImage ?? "";
  if (name === "") {
    await importTree(call);
    return;
  }
  const platform = platformOfText(query.platform);
  const reference = pullReference(name, query.tag ?? "");
  const credentials = registryCredentials(exchange.header("x-registry-auth"));
  const options = {
    ...(platform !== undefined && { platform }),
    ...(credentials !== undefined && { credentials }),
    signal: exchange.signal,
  };
  await relayBegun(exchange, verbs.images.pull(reference, options));
}

/** Every tag of the repository where none is named. Docker tells of all that goes wrong in the stream. */
async function push({ exchange, params, query, verbs, version }: Call<"imagePush">): Promise<void> {
  const { domain, path, tag, digest } = parseReference(params["name"] ?? "");
  const named = query.tag === undefined || query.tag === "" ? tag : checkTag(query.tag);
  const platform = knows(version, "platformOfPush") ? parseJsonPlatform(query.platform) : undefined;
  const credentials = registryCredentials(exchange.header("x-registry-auth"));
  const reference = formatFamiliar({ domain, path, ...(named !== undefined ? { tag: named } : digest !== undefined && { digest }) });
  const options = {
    ...(platform !== undefined && { platform }),
    ...(credentials !== undefined && { credentials }),
    signal: exchange.signal,
  };
  await relay(exchange, verbs.images.push(reference, options));
}

/** "-" is a tree that comes with the request, anything else the URL of one. */
async function importTree({ exchange, query, verbs }: Call<"imageCreate">): Promise<void> {
  const source = query.fromSrc ?? "";
  const platform = platformOfText(query.platform);
  const name = targetReference(query.repo, query.tag);
  const request = {
    ...(name !== undefined && { name }),
    ...(platform !== undefined && { platform }),
    comment: query.message ?? "",
    changes: query.changes,
    signal: exchange.signal,
  };
  if (source !== "-") return await relayBegun(exchange, verbs.images.importFrom(source, request));
  const id = await verbs.images.import(exchange.bodyStream(), { ...request, comment: request.comment || "Imported from -" });
  exchange.begin("application/json").end(encodeProgress({ status: id }));
}

/** The tag parameter may be a tag or a digest and replaces what the name says. @throws invalid, denied */
function pullReference(name: string, tag: string): string {
  const named = parseReference(name);
  if (familiarName(named) === "scratch") throw fault("denied", "'scratch' is a reserved name");
  if (tag === "") return formatFamiliar(named);
  if (isDigest(tag)) return formatFamiliar({ domain: named.domain, path: named.path, digest: tag });
  return formatFamiliar({ domain: named.domain, path: named.path, tag: checkTag(tag) });
}

function imageFilters(text: string | undefined): ImageFilters {
  const filters = parseFilters(text);
  checkFilterKeys(filters, { here: ["reference", "dangling", "label", "label!", "before", "since", "until"], dockers: [] });
  const dangling = flagOf(filters, "dangling");
  const until = (filters.get("until") ?? []).map(momentOf);
  const withoutLabels = filters.get("label!");
  return {
    ...Object.fromEntries([...filters].filter(([key]) => !["dangling", "label!", "until"].includes(key))),
    ...(until.length > 0 && { until }),
    ...(withoutLabels !== undefined && { withoutLabels }),
    ...(dangling !== undefined && { dangling }),
  };
}

/** Here Docker takes what it cannot read for a failure of its own. */
function momentOf(text: string): ReturnType<typeof untilInstant> {
  try {
    return untilInstant(text);
  } catch (error) {
    throw fault("internal", messageOf(error), { cause: error });
  }
}
