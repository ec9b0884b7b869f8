import { encodeFilters, type Filters } from "./filters.ts";
import { jsonLines } from "./json-lines.ts";
import type {
  ChangeReply,
  ContainerReply,
  ContainerSummary,
  CreatedReply,
  PathStatReply,
  StatsReply,
  TopReply,
  UpdateReply,
  WaitReply,
} from "./replies.ts";
import type { ApiReply, HijackedStream, Requests } from "./transport.ts";

export type WaitCondition = "not-running" | "next-exit" | "removed";

export interface AttachOptions {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  /** Replays the log first. */
  readonly logs?: boolean;
  readonly detachKeys?: string;
}

export interface LogOptions {
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  readonly details?: boolean;
  /** Unix time, "seconds.nanoseconds". */
  readonly since?: string;
  readonly until?: string;
  readonly tail?: string;
  readonly signal?: AbortSignal;
}

export interface StopOptions {
  readonly signal?: string;
  /** Seconds; -1 waits for ever. */
  readonly timeout?: number;
}

export interface CommitOptions {
  readonly repository?: string;
  readonly tag?: string;
  readonly author: string;
  readonly comment: string;
  readonly changes: readonly string[];
  readonly pause: boolean;
}

/** Calls below /containers. A container goes by id, unique prefix or name. */
export class ContainerCalls {
  readonly #transport: Requests;

  constructor(transport: Requests) {
    this.#transport = transport;
  }

  /** `config` is Docker's create body: Config with HostConfig and NetworkingConfig inside. */
  async create(config: object, options: { readonly name?: string; readonly platform?: string } = {}): Promise<CreatedReply> {
    const query = { name: options.name, platform: options.platform };
    const reply = await this.#transport.request({ method: "POST", path: "/containers/create", query, json: config });
    return JSON.parse(await reply.text()) as CreatedReply;
  }

  async list(
    options: { readonly all?: boolean; readonly limit?: number; readonly size?: boolean; readonly filters?: Filters } = {},
  ): Promise<ContainerSummary[]> {
    const query = { all: options.all, limit: options.limit, size: options.size, filters: encodeFilters(options.filters) };
    const reply = await this.#transport.request({ method: "GET", path: "/containers/json", query });
    return JSON.parse(await reply.text()) as ContainerSummary[];
  }

  async inspect(container: string): Promise<ContainerReply> {
    return JSON.parse(await this.inspectText(container)) as ContainerReply;
  }

  /** The reply as the daemon wrote it, for printing. */
  async inspectText(container: string, options: { readonly size?: boolean } = {}): Promise<string> {
    const reply = await this.#transport.request({ method: "GET", path: `${pathOf(container)}/json`, query: { size: options.size } });
    return await reply.text();
  }

  async start(container: string, options: { readonly detachKeys?: string } = {}): Promise<void> {
    await this.#post(container, "start", { detachKeys: options.detachKeys });
  }

  async stop(container: string, options: StopOptions = {}): Promise<void> {
    await this.#post(container, "stop", { signal: options.signal, t: options.timeout });
  }

  async restart(container: string, options: StopOptions = {}): Promise<void> {
    await this.#post(container, "restart", { signal: options.signal, t: options.timeout });
  }

  async kill(container: string, signal?: string): Promise<void> {
    await this.#post(container, "kill", { signal });
  }

  async pause(container: string): Promise<void> {
    await this.#post(container, "pause", {});
  }

  async unpause(container: string): Promise<void> {
    await this.#post(container, "unpause", {});
  }

  /** Its processes as the host's ps(1) shows them; `psArguments` are those of ps, "-ef" where there are none. */
  async top(container: string, psArguments?: string): Promise<TopReply> {
    const reply = await this.#transport.request({ method: "GET", path: `${pathOf(container)}/top`, query: { ps_args: psArguments } });
    return JSON.parse(await reply.text()) as TopReply;
  }

  /** One reading about every second while the container runs; a single one without `stream`, at once and without rates with `oneShot`. */
  async stats(
    container: string,
    options: { readonly stream?: boolean; readonly oneShot?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<AsyncGenerator<StatsReply, void>> {
    const { stream = true, oneShot, signal } = options;
    const query = { stream: stream ? "1" : "0", "one-shot": oneShot };
    const request = { method: "GET", path: `${pathOf(container)}/stats`, query, ...(signal && { signal }) } as const;
    return jsonLines<StatsReply>((await this.#transport.request(request)).body);
  }

  /** Gives it other limits: what Docker's HostConfig calls Resources, with RestartPolicy. */
  async update(container: string, limits: object): Promise<UpdateReply> {
    const reply = await this.#transport.request({ method: "POST", path: `${pathOf(container)}/update`, json: limits });
    return JSON.parse(await reply.text()) as UpdateReply;
  }

  async rename(container: string, name: string): Promise<void> {
    await this.#post(container, "rename", { name });
  }

  async resize(container: string, size: { readonly rows: number; readonly columns: number }): Promise<void> {
    await this.#post(container, "resize", { h: size.rows, w: size.columns });
  }

  async remove(
    container: string,
    options: { readonly force?: boolean; readonly volumes?: boolean; readonly link?: boolean } = {},
  ): Promise<void> {
    const query = { force: options.force, v: options.volumes, link: options.link };
    await (await this.#transport.request({ method: "DELETE", path: pathOf(container), query })).text();
  }

  /** Resolves when the daemon has begun to wait; `result` resolves with the exit. */
  async wait(
    container: string,
    options: { readonly condition?: WaitCondition; readonly signal?: AbortSignal } = {},
  ): Promise<{ readonly result: Promise<WaitReply> }> {
    const { condition, signal } = options;
    const request = { method: "POST", path: `${pathOf(container)}/wait`, query: { condition }, ...(signal && { signal }) } as const;
    const reply = await this.#transport.request(request);
    const result = firstValue<WaitReply>(reply);
    result.catch(() => undefined); // whoever awaits `result` still sees the failure; one that nobody awaits must not end the process
    return { result };
  }

  /** Raw body of the log: stream frames unless the container has a terminal. */
  async logs(container: string, options: LogOptions = {}): Promise<ApiReply> {
    const { follow, timestamps, details, since, until, tail, signal } = options;
    const query = { stdout: true, stderr: true, follow, timestamps, details, since, until, tail };
    return await this.#transport.request({ method: "GET", path: `${pathOf(container)}/logs`, query, ...(signal && { signal }) });
  }

  /** What is at a path; of a link itself. */
  async statPath(container: string, path: string): Promise<PathStatReply> {
    const reply = await this.#transport.request({ method: "HEAD", path: `${pathOf(container)}/archive`, query: { path } });
    return statIn(reply);
  }

  /** A file or directory as a tar. */
  async readPath(container: string, path: string): Promise<{ readonly stat: PathStatReply; readonly archive: ApiReply["body"] }> {
    const reply = await this.#transport.request({ method: "GET", path: `${pathOf(container)}/archive`, query: { path } });
    return { stat: statIn(reply), archive: reply.body };
  }

  /** Unpacks a tar (plain or compressed) into a directory. */
  async writePath(
    container: string,
    path: string,
    archive: AsyncIterable<Uint8Array>,
    options: { readonly keepKinds?: boolean; readonly asUser?: boolean } = {},
  ): Promise<void> {
    const query = {
      path,
      noOverwriteDirNonDir: options.keepKinds === true ? "true" : undefined,
      copyUIDGID: options.asUser === true ? "true" : undefined,
    };
    const headers = { "Content-Type": "application/x-tar" };
    await (await this.#transport.request({ method: "PUT", path: `${pathOf(container)}/archive`, query, headers, body: archive })).text();
  }

  /** The whole tree as a tar. */
  async export(container: string): Promise<ApiReply["body"]> {
    return (await this.#transport.request({ method: "GET", path: `${pathOf(container)}/export` })).body;
  }

  /** What differs from the image. */
  async changes(container: string): Promise<readonly ChangeReply[]> {
    const reply = await this.#transport.request({ method: "GET", path: `${pathOf(container)}/changes` });
    return (JSON.parse(await reply.text()) as readonly ChangeReply[] | null) ?? [];
  }

  async attach(container: string, options: AttachOptions): Promise<HijackedStream> {
    const { stdin, stdout, stderr, logs, detachKeys } = options;
    const query = { stream: true, stdin, stdout, stderr, logs, detachKeys };
    return await this.#transport.hijack({
      method: "POST",
      path: `${pathOf(container)}/attach`,
      query,
      headers: { "Content-Type": "text/plain" },
    });
  }

  async #post(container: string, verb: string, query: Readonly<Record<string, string | number | undefined>>): Promise<void> {
    await (await this.#transport.request({ method: "POST", path: `${pathOf(container)}/${verb}`, query })).text();
  }

  /** Makes an image of what the container wrote. */
  async commit(container: string, options: CommitOptions): Promise<{ readonly Id: string }> {
    const { repository: repo, tag, author, comment, changes, pause } = options;
    const query = { container, repo, tag, author, comment, changes, pause: pause ? undefined : "0" };
    return JSON.parse(await (await this.#transport.request({ method: "POST", path: "/commit", query })).text()) as { readonly Id: string };
  }
}

function statIn({ headers }: ApiReply): PathStatReply {
  const text = headers.get("x-docker-container-path-stat") ?? "";
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)))) as PathStatReply;
}

async function firstValue<T>(reply: ApiReply): Promise<T> {
  for await (const value of jsonLines<T>(reply.body)) return value;
  throw new SyntaxError("EOF");
}

function pathOf(container: string): string {
  return `/containers/${encodeURIComponent(container)}`;
}
