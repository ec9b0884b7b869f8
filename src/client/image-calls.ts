import { encodeFilters, type Filters } from "./filters.ts";
import { jsonLines } from "./json-lines.ts";
import type { HistoryReply, ImageSummary, ManifestReply, ProgressLine, RemovedImage, SearchReply } from "./replies.ts";
import type { Requests } from "./transport.ts";

/** Base64 of "{}": no credentials. */
const anonymous = "e30=";

/** Calls below /images. */
export class ImageCalls {
  readonly #transport: Requests;

  constructor(transport: Requests) {
    this.#transport = transport;
  }

  async list(options: { readonly all?: boolean; readonly filters?: Filters; readonly manifests?: boolean } = {}): Promise<ImageSummary[]> {
    const query = { all: options.all, filters: encodeFilters(options.filters), manifests: options.manifests };
    return JSON.parse(await (await this.#transport.request({ method: "GET", path: "/images/json", query })).text()) as ImageSummary[];
  }

  /** The reply as the daemon wrote it, for printing. `platform` is a JSON platform (API 1.49). */
  async inspectText(image: string, options: { readonly platform?: string } = {}): Promise<string> {
    const query = { platform: options.platform };
    return await (await this.#transport.request({ method: "GET", path: `${pathOf(image)}/json`, query })).text();
  }

  /** Newest step first. `platform` is a JSON platform (API 1.48). */
  async history(image: string, options: { readonly platform?: string } = {}): Promise<HistoryReply[]> {
    const query = { platform: options.platform };
    return JSON.parse(
      await (await this.#transport.request({ method: "GET", path: `${pathOf(image)}/history`, query })).text(),
    ) as HistoryReply[];
  }

  /** Pulls `repository` at `tag` (a tag or a digest); lines come until the pull is over. An error may come as the last line. */
  async pull(request: {
    readonly repository: string;
    readonly tag?: string;
    readonly platform?: string;
    /** As X-Registry-Auth takes it: JSON in URL-safe base64. */
    readonly auth?: string;
    readonly signal?: AbortSignal;
  }): Promise<AsyncGenerator<ProgressLine, void>> {
    const query = { fromImage: request.repository, tag: request.tag, platform: request.platform };
    const headers = { "X-Registry-Auth": request.auth ?? anonymous };
    const { signal } = request;
    const reply = await this.#transport.request({ method: "POST", path: "/images/create", query, headers, ...(signal && { signal }) });
    return jsonLines<ProgressLine>(reply.body);
  }

  /** Pushes an image, or every tag of it without one; lines come until it is over. An error comes as the last line. `platform` is JSON (API 1.46). */
  async push(request: {
    readonly repository: string;
    readonly tag?: string;
    readonly platform?: string;
    /** As X-Registry-Auth takes it: JSON in URL-safe base64. */
    readonly auth?: string;
  }): Promise<AsyncGenerator<ProgressLine, void>> {
    const { repository, tag, platform, auth = anonymous } = request;
    const path = `${pathOf(repository)}/push`;
    const headers = { "X-Registry-Auth": auth };
    return jsonLines<ProgressLine>((await this.#transport.request({ method: "POST", path, query: { tag, platform }, headers })).body);
  }

  /** Sends a tar (Docker archive or OCI layout, plain or compressed). */
  async load(
    archive: AsyncIterable<Uint8Array>,
    options: { readonly quiet?: boolean; readonly platform?: string } = {},
  ): Promise<AsyncGenerator<ProgressLine, void>> {
    const reply = await this.#transport.request({
      method: "POST",
      path: "/images/load",
      query: { quiet: options.quiet === true ? "1" : "0", platform: options.platform },
      headers: { "Content-Type": "application/x-tar" },
      body: archive,
    });
    return jsonLines<ProgressLine>(reply.body);
  }

  /** Makes an image of a tree: `source` is a URL, or "-" for the tar that is sent. */
  async import(
    source: string,
    options: {
      readonly tree?: AsyncIterable<Uint8Array>;
      readonly name: string;
      readonly message: string;
      readonly changes: readonly string[];
      readonly platform: string;
    },
  ): Promise<AsyncGenerator<ProgressLine, void>> {
    const { tree, name, message, changes, platform } = options;
    const query = { fromSrc: source, repo: name, message, changes, platform };
    const sent = tree === undefined ? {} : { body: tree, headers: { "Content-Type": "application/x-tar" } };
    return jsonLines<ProgressLine>((await this.#transport.request({ method: "POST", path: "/images/create", query, ...sent })).body);
  }

  /** An archive of images, as it comes. `platform` is a JSON platform (API 1.48). */
  async save(images: readonly string[], options: { readonly platform?: string } = {}): Promise<AsyncGenerator<Uint8Array, void>> {
    const query = { names: images, platform: options.platform };
    return (await this.#transport.request({ method: "GET", path: "/images/get", query })).body;
  }

  /** What a name stands for at its registry; only this engine has the route. */
  async manifest(name: string, options: { readonly auth?: string | undefined } = {}): Promise<ManifestReply> {
    const headers = { "X-Registry-Auth": options.auth ?? anonymous };
    return JSON.parse(await (await this.#transport.request({ method: "GET", path: manifestPath(name), headers })).text()) as ManifestReply;
  }

  /** Puts an index and what it names into a repository; `members` are names with digest. Resolves with its digest. */
  async publishIndex(
    name: string,
    request: { readonly index: string; readonly members: readonly string[]; readonly auth?: string | undefined },
  ): Promise<string> {
    const { index, members, auth = anonymous } = request;
    const headers = { "X-Registry-Auth": auth };
    const json = { Index: index, Members: members };
    const reply = await this.#transport.request({ method: "PUT", path: manifestPath(name), headers, json });
    return (JSON.parse(await reply.text()) as { readonly Digest: string }).Digest;
  }

  /** Asks docker.io's index, or that of the registry with which the term begins. */
  async search(
    term: string,
    options: { readonly limit?: number; readonly filters?: Filters; readonly auth?: string | undefined } = {},
  ): Promise<SearchReply[]> {
    const query = { term, limit: options.limit?.toString(), filters: encodeFilters(options.filters) };
    const headers = { "X-Registry-Auth": options.auth ?? anonymous };
    return JSON.parse(
      await (await this.#transport.request({ method: "GET", path: "/images/search", query, headers })).text(),
    ) as SearchReply[];
  }

  async tag(image: string, target: { readonly repository: string; readonly tag: string }): Promise<void> {
    const query = { repo: target.repository, tag: target.tag };
    await (await this.#transport.request({ method: "POST", path: `${pathOf(image)}/tag`, query })).text();
  }

  /** `platforms` are JSON platforms (API 1.50): only what the image has for these. */
  async remove(
    image: string,
    options: { readonly force?: boolean; readonly noPrune?: boolean; readonly platforms?: readonly string[] } = {},
  ): Promise<RemovedImage[]> {
    const query = { force: options.force, noprune: options.noPrune, platforms: options.platforms };
    return JSON.parse(await (await this.#transport.request({ method: "DELETE", path: pathOf(image), query })).text()) as RemovedImage[];
  }
}

function manifestPath(name: string): string {
  return `/gantry/v1/manifests/${name.split("/").map(encodeURIComponent).join("/")}`;
}

/** Slashes stay: the daemon's route takes the whole name. */
function pathOf(image: string): string {
  return `/images/${image.split("/").map(encodeURIComponent).join("/")}`;
}
