import { encodeFilters, type Filters } from "./filters.ts";
import type { VolumeReply } from "./replies.ts";
import type { Requests } from "./transport.ts";

/** Calls below /volumes. */
export class VolumeCalls {
  readonly #transport: Requests;

  constructor(transport: Requests) {
    this.#transport = transport;
  }

  async list(filters: Filters = {}): Promise<readonly VolumeReply[]> {
    const query = { filters: encodeFilters(filters) };
    const text = await (await this.#transport.request({ method: "GET", path: "/volumes", query })).text();
    return (JSON.parse(text) as { readonly Volumes?: readonly VolumeReply[] | null }).Volumes ?? [];
  }

  async create(request: {
    readonly Name?: string;
    readonly Driver?: string;
    readonly DriverOpts?: Readonly<Record<string, string>>;
    readonly Labels?: Readonly<Record<string, string>>;
  }): Promise<VolumeReply> {
    const reply = await this.#transport.request({ method: "POST", path: "/volumes/create", json: request });
    return JSON.parse(await reply.text()) as VolumeReply;
  }

  /** Gives a volume that nobody uses another name. @throws NotFoundError at another engine too */
  async rename(name: string, to: string): Promise<VolumeReply> {
    const reply = await this.#transport.request({ method: "POST", path: ownPath(name, "rename"), query: { name: to } });
    return JSON.parse(await reply.text()) as VolumeReply;
  }

  /** Makes a volume with the same content. @throws NotFoundError at another engine too */
  async clone(name: string, to: string): Promise<VolumeReply> {
    const reply = await this.#transport.request({ method: "POST", path: ownPath(name, "clone"), query: { name: to } });
    return JSON.parse(await reply.text()) as VolumeReply;
  }

  /** A tar of what lies in a volume. @throws NotFoundError at another engine too */
  async export(name: string): Promise<AsyncIterable<Uint8Array>> {
    return (await this.#transport.request({ method: "GET", path: ownPath(name, "archive") })).body;
  }

  /** Makes a volume, or fills one that is empty, from a tar. @throws NotFoundError at another engine */
  async import(name: string, archive: ReadableStream<Uint8Array>): Promise<VolumeReply> {
    const reply = await this.#transport.request({ method: "PUT", path: ownPath(name, "archive"), body: archive });
    return JSON.parse(await reply.text()) as VolumeReply;
  }

  async remove(name: string, options: { readonly force?: boolean } = {}): Promise<void> {
    const query = { force: options.force };
    await (await this.#transport.request({ method: "DELETE", path: `/volumes/${encodeURIComponent(name)}`, query })).text();
  }
}

function ownPath(name: string, what: string): string {
  return `/gantry/v1/volumes/${encodeURIComponent(name)}/${what}`;
}
