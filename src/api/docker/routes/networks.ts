import { fault } from "#base";
import type { NetworkFilters } from "#engine";
import { connectRequest, disconnectRequest, knows, networkRequest } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { checkFilterKeys, type Filters, parseFilters } from "../filters.ts";
import { endpointSpecOf } from "../endpoints.ts";
import { networkRequestOf } from "../network-request.ts";
import { networkView } from "../views/network.ts";

export const networkRoutes: Handlers<
  "networkList" | "networkListBelow" | "networkInspect" | "networkCreate" | "networkConnect" | "networkDisconnect" | "networkRemove"
> = {
  networkList: list,
  networkListBelow: list,
  networkInspect: ({ exchange, params, query, verbs }) => {
    const name = params["name"] ?? "";
    const view = verbs.networks.get(name);
    // All networks are this machine's.
    if (query.scope !== undefined && query.scope !== "" && query.scope !== "local") throw fault("not-found", `network ${name} not found`);
    exchange.reply(200, networkView(view));
  },
  networkCreate: async ({ exchange, verbs }) => {
    const body = (await exchange.json(networkRequest))?.value ?? networkRequest.zero;
    exchange.reply(201, { Id: await verbs.networks.create(networkRequestOf(body)), Warning: "" });
  },
  networkConnect: async ({ exchange, params, verbs }) => {
    const { Container: container, EndpointConfig: endpoint } = (await exchange.json(connectRequest))?.value ?? connectRequest.zero;
    const asked = endpoint === undefined ? {} : endpointSpecOf(endpoint);
    await verbs.networks.connect(params["name"] ?? "", container, asked);
    exchange.done(200);
  },
  networkDisconnect: async ({ exchange, params, verbs }) => {
    const { Container: container, Force: force } = (await exchange.json(disconnectRequest))?.value ?? disconnectRequest.zero;
    await verbs.networks.disconnect(params["name"] ?? "", container, { force });
    exchange.done(200);
  },
  networkRemove: async ({ exchange, params, verbs }) => {
    await verbs.networks.remove(params["name"] ?? "");
    exchange.done(204);
  },
};

const lists = ["driver", "id", "label", "name", "scope"] as const;
const truths: Readonly<Record<string, boolean>> = { "1": true, true: true, "0": false, false: false };

function list({ exchange, query, verbs, version }: Call<"networkList">): void {
  const filters = parseFilters(query.filters);
  checkFilterKeys(filters, { here: [...lists, "type", "dangling"], dockers: [] });
  const found = verbs.networks.list(readFilters(filters));
  exchange.reply(
    200,
    found.map((view) => networkView(view, knows(version, "bareNetworkList"))),
  );
}

/** @throws invalid, or internal for a type that is none, as Docker does */
function readFilters(filters: Filters): NetworkFilters {
  const said = [...filters].filter(([key, values]) => (lists as readonly string[]).includes(key) && values.length > 0);
  const types = filters.get("type") ?? [];
  for (const type of types) if (type !== "builtin" && type !== "custom") throw fault("internal", `invalid filter: 'type'='${type}'`);
  return { ...Object.fromEntries(said), ...(types.length > 0 && { type: types }), ...danglingOf(filters.get("dangling")) };
}

function danglingOf(values: readonly string[] | undefined): Pick<NetworkFilters, "dangling"> {
  if (values === undefined) return {};
  const [value = ""] = values;
  const dangling = values.length === 1 && Object.hasOwn(truths, value) ? truths[value] : undefined;
  if (dangling === undefined) throw fault("invalid", 'invalid value for filter \'dangling\', must be "true" (or "1"), or "false" (or "0")');
  return { dangling };
}
