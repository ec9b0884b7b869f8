import { encodeFilters, type Filters } from "./filters.ts";
import { textLines } from "./json-lines.ts";
import type { CheckReply, InfoReply, LoginReply, PrunedReply, UsageReply, VersionReply } from "./replies.ts";
import type { AuthConfig } from "./registry-auth.ts";
import type { Requests } from "./transport.ts";

/** What the daemon can prune, by the first part of its path. */
export type PrunedKind = "containers" | "images" | "networks" | "volumes" | "build";

/** Calls about the daemon itself. */
export class SystemCalls {
  readonly #transport: Requests;

  constructor(transport: Requests) {
    this.#transport = transport;
  }

  async ping(): Promise<void> {
    await (await this.#transport.request({ method: "GET", path: "/_ping" })).text();
  }

  async version(): Promise<VersionReply> {
    return JSON.parse(await (await this.#transport.request({ method: "GET", path: "/version" })).text()) as VersionReply;
  }

  /** Has the registry say whether credentials are good. */
  async login(auth: AuthConfig): Promise<LoginReply> {
    const reply = await this.#transport.request({ method: "POST", path: "/auth", json: auth });
    return JSON.parse(await reply.text()) as LoginReply;
  }

  async info(): Promise<InfoReply> {
    return JSON.parse(await (await this.#transport.request({ method: "GET", path: "/info" })).text()) as InfoReply;
  }

  /** Of all kinds of things, or of one. */
  async diskUsage(kind?: "volume"): Promise<UsageReply> {
    return JSON.parse(
      await (await this.#transport.request({ method: "GET", path: "/system/df", query: { type: kind } })).text(),
    ) as UsageReply;
  }

  /** Has the daemon read all that it keeps, and mend what it can. @throws NotFoundError at another engine */
  async check(options: { readonly repair?: boolean } = {}): Promise<CheckReply> {
    const query = { repair: options.repair };
    return JSON.parse(
      await (await this.#transport.request({ method: "POST", path: "/gantry/v1/system/check", query })).text(),
    ) as CheckReply;
  }

  /** Removes what is not used of one kind. */
  async prune(kind: PrunedKind, options: { readonly filters?: Filters; readonly all?: boolean } = {}): Promise<PrunedReply> {
    const query = { filters: encodeFilters(options.filters), all: options.all };
    return JSON.parse(await (await this.#transport.request({ method: "POST", path: `/${kind}/prune`, query })).text()) as PrunedReply;
  }

  /** Events as the daemon's lines of JSON, live until `until` or the signal. Times are unix, "seconds.nanoseconds". */
  async events(
    options: { readonly since?: string; readonly until?: string; readonly filters?: Filters; readonly signal?: AbortSignal } = {},
  ): Promise<AsyncGenerator<string, void>> {
    const { since, until, filters, signal } = options;
    const query = { since, until, filters: encodeFilters(filters) };
    const reply = await this.#transport.request({ method: "GET", path: "/events", query, ...(signal && { signal }) });
    return textLines(reply.body);
  }
}
