import { fault, isDigest, isFault, messageOf } from "#base";
import type { ImageFilters, Progress } from "#engine";
import { familiarName, formatFamiliar, parseReference } from "#image";
import { downgrade, encodeProgress, failedProgress, formatBar, knows, type ProgressLine } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { checkFilterKeys, flagOf, parseFilters } from "../filters.ts";
import { parseJsonPlatform, parsePlatform } from "../platform.ts";
import { registryCredentials } from "../registry-auth.ts";
import { writeAll } from "../stream-writer.ts";
import { inspectManifest, manifestsView } from "../views/image-manifests.ts";
import { historyView, inspectImage, removedView, summarizeImage } from "../views/image.ts";

export const imageRoutes: Handlers<
  "imageList" | "imageInspect" | "imageHistory" | "imageTag" | "imageRemove" | "imageLoad" | "imageCreate"
> = {
  imageList: async ({ exchange, query, verbs, version }) => {
    const images = verbs.images.list(imageFilters(query.filters));
    const withShares = query["shared-size"] && knows(version, "sharedSizes");
    const usage = withShares ? await verbs.system.diskUsage({ images: true, containers: false, volumes: false }) : undefined;
    const shares = new Map(usage?.images?.map(({ view, sharedSize }) => [view.image.id, sharedSize]));
    const manifests = query.manifests && knows(version, "manifestsOfImageList") ? manifestsView(verbs) : undefined;
    exchange.reply(
      200,
      images.map((view) => ({
        ...downgrade("imageSummary", summarizeImage(view, shares.get(view.image.id)), version),
        ...manifests?.(view),
      })),
    );
  },
  imageInspect: inspect,
  imageHistory: async ({ exchange, params, query, verbs, version }) => {
    const platform = knows(version, "platformOfHistory") ? parseJsonPlatform(query.platform) : undefined;
    exchange.reply(200, historyView(await verbs.images.history(params["name"] ?? "", platform)));
  },
  imageTag: async ({ exchange, params, query, verbs }) => {
    // Docker takes a request that names nothing for done.
    if (query.repo === undefined || query.repo === "") {
      exchange.done(200);
      return;
    }
    const target = parseReference(query.repo);
    if (target.digest !== undefined) throw fault("invalid", "cannot import digest reference");
    const tag = checkTag(query.tag === undefined || query.tag === "" ? (target.tag ?? "latest") : query.tag);
    await verbs.images.tag(params["name"] ?? "", { repository: familiarName(target), tag });
    exchange.done(201);
  },
  imageRemove: async ({ exchange, params, query, verbs }) => {
    if (query.platforms.length > 0) throw absent("platforms", "DELETE /images/{name}");
    const removed = await verbs.images.remove(params["name"] ?? "", { force: query.force });
    exchange.reply(200, removed.map(removedView));
  },
  imageLoad: load,
  imageCreate: create,
};

function inspect({ exchange, params, query, verbs, version }: Call<"imageInspect">): void {
  const name = params["name"] ?? "";
  const platform = knows(version, "platformOfImage") ? parseJsonPlatform(query.platform) : undefined;
  const manifests = query.manifests && knows(version, "manifestsOfImage");
  if (platform !== undefined && manifests) throw fault("invalid", "conflicting options: manifests and platform options cannot both be set");
  const view = verbs.images.get(name);
  const shown = platform === undefined ? inspectImage(view) : inspectManifest(view, name, platform);
  exchange.reply(200, { ...downgrade("imageInspect", shown, version), ...(manifests && manifestsView(verbs)(view)) });
}

/** Docker tells of a broken archive in the stream: the status is always 200. */
async function load({ exchange, query, verbs }: Call<"imageLoad">): Promise<void> {
  if (query.platform !== undefined && query.platform !== "") throw absent("platform", "POST /images/load");
  const progress = verbs.images.load(exchange.bodyStream(), exchange.signal);
  await relay(exchange, progress, (line) => !query.quiet || line.stream !== undefined);
}

async function create({ exchange, query, verbs }: Call<"imageCreate">): Promise<void> {
  const name = query.fromImage ?? "";
  if (name === "") throw fault("unsupported", "POST /images/create with fromSrc is not implemented");
  const platform = parsePlatform(query.platform);
  const reference = pullReference(name, query.tag ?? "");
  const credentials = registryCredentials(exchange.header("x-registry-auth"));
  const progress = verbs.images.pull(reference, {
    ...(platform !== undefined && { platform }),
    ...(credentials !== undefined && { credentials }),
    signal: exchange.signal,
  });
  const lines = progress[Symbol.asyncIterator]();
  // A registry that does not answer is a failure of this request; 503 would say that the engine is not ready.
  const first = await lines.next().catch((error: unknown) => {
    throw isFault(error, "unavailable") ? fault("internal", messageOf(error), { cause: error }) : error;
  });
  await relay(exchange, resumed(first, lines));
}

/** The tag parameter may be a tag or a digest and replaces what the name says. @throws invalid, denied */
function pullReference(name: string, tag: string): string {
  const named = parseReference(name);
  if (familiarName(named) === "scratch") throw fault("denied", "'scratch' is a reserved name");
  if (tag === "") return formatFamiliar(named);
  if (isDigest(tag)) return formatFamiliar({ domain: named.domain, path: named.path, digest: tag });
  return formatFamiliar({ domain: named.domain, path: named.path, tag: checkTag(tag) });
}

function checkTag(tag: string): string {
  if (!/^\w[\w.-]{0,127}$/.test(tag)) throw fault("invalid", "invalid tag format");
  return tag;
}

async function* resumed(first: IteratorResult<Progress>, rest: AsyncIterator<Progress>): AsyncIterable<Progress> {
  for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
}

/** Progress as lines; a failure after the status is one more line. */
async function relay(
  exchange: Call["exchange"],
  progress: AsyncIterable<Progress>,
  wanted = (_line: Progress): boolean => true,
): Promise<void> {
  const sink = exchange.begin("application/json");
  try {
    for await (const line of progress) if (wanted(line) && !(await writeAll(sink, encodeProgress(lineOf(line))))) return;
  } catch (error) {
    if (exchange.signal.aborted) return;
    sink.write(encodeProgress(failedProgress(messageOf(error))));
  }
  sink.end();
}

/** Fields in Docker's order; a layer's line has a progressDetail even when it says nothing. */
function lineOf({ id, status, stream, current, total }: Progress): ProgressLine {
  const isLayer = id !== undefined && /^[0-9a-f]{12}$/.test(id);
  return {
    ...(stream !== undefined && { stream }),
    ...(status !== undefined && { status }),
    ...(current !== undefined && {
      progressDetail: { current, ...(total !== undefined && { total }) },
      progress: formatBar(current, total ?? 0),
    }),
    ...(current === undefined && isLayer && { progressDetail: {} }),
    ...(id !== undefined && { id }),
  };
}

function imageFilters(text: string | undefined): ImageFilters {
  const filters = parseFilters(text);
  checkFilterKeys(filters, { here: ["reference", "dangling", "label", "before", "since"], dockers: ["label!", "until"] });
  const dangling = flagOf(filters, "dangling");
  return {
    ...Object.fromEntries([...filters].filter(([key]) => key !== "dangling")),
    ...(dangling !== undefined && { dangling }),
  };
}

function absent(parameter: string, route: string): Error {
  return fault("unsupported", `query parameter ${parameter} of ${route} is not implemented`);
}
