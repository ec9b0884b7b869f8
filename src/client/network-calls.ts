import { encodeFilters, type Filters } from "./filters.ts";
import type { NetworkReply } from "./replies.ts";
import type { Requests } from "./transport.ts";

/** Calls below /networks. */
export class NetworkCalls {
  readonly #transport: Requests;

  constructor(transport: Requests) {
    this.#transport = transport;
  }

  async list(options: { readonly filters?: Filters } = {}): Promise<NetworkReply[]> {
    const query = { filters: encodeFilters(options.filters) };
    return JSON.parse(await (await this.#transport.request({ method: "GET", path: "/networks", query })).text()) as NetworkReply[];
  }
}
