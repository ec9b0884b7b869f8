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

  async create(request: { readonly Name: string; readonly [field: string]: unknown }): Promise<{ readonly Id: string }> {
    const reply = await this.#transport.request({ method: "POST", path: "/networks/create", json: request });
    return JSON.parse(await reply.text()) as { readonly Id: string };
  }

  async remove(name: string): Promise<void> {
    await (await this.#transport.request({ method: "DELETE", path: `/networks/${encodeURIComponent(name)}` })).text();
  }

  async connect(name: string, request: { readonly Container: string; readonly EndpointConfig: object }): Promise<void> {
    const path = `/networks/${encodeURIComponent(name)}/connect`;
    await (await this.#transport.request({ method: "POST", path, json: request })).text();
  }

  async disconnect(name: string, request: { readonly Container: string; readonly Force: boolean }): Promise<void> {
    const path = `/networks/${encodeURIComponent(name)}/disconnect`;
    await (await this.#transport.request({ method: "POST", path, json: request })).text();
  }
}
