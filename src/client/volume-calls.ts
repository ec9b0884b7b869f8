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

  async remove(name: string, options: { readonly force?: boolean } = {}): Promise<void> {
    const query = { force: options.force };
    await (await this.#transport.request({ method: "DELETE", path: `/volumes/${encodeURIComponent(name)}`, query })).text();
  }
}
