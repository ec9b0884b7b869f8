import { fault } from "#base";
import { indexRequest } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { checkFilterKeys, flagOf, parseFilters } from "../filters.ts";
import { ofRegistry } from "../relay-progress.ts";
import { registryCredentials } from "../registry-auth.ts";
import { descriptorView, platformView } from "../views/image-manifests.ts";

/** What registries tell, of which nothing is kept. */
export const registryRoutes: Handlers<"distribution" | "imageSearch" | "manifestInspect" | "manifestPublish"> = {
  distribution: async ({ exchange, params, verbs }) => {
    const { descriptor, platforms } = await ofRegistry(verbs.images.distribution(params["name"] ?? "", callOf(exchange)));
    exchange.reply(200, { Descriptor: descriptorView(descriptor), Platforms: platforms.length === 0 ? null : platforms.map(platformView) });
  },
  manifestInspect: async ({ exchange, params, verbs }) => {
    const { descriptor, platforms, bytes } = await ofRegistry(verbs.images.distribution(params["name"] ?? "", callOf(exchange)));
    exchange.reply(200, {
      Descriptor: descriptorView(descriptor),
      Platforms: platforms.map(platformView),
      Raw: Buffer.from(bytes).toString("base64"),
    });
  },
  manifestPublish: async ({ exchange, params, verbs }) => {
    const { Index: index, Members: members } = (await exchange.json(indexRequest))?.value ?? { Index: "", Members: [] };
    const request = { index, members, ...callOf(exchange) };
    exchange.reply(200, { Digest: await ofRegistry(verbs.images.publishIndex(params["name"] ?? "", request)) });
  },
  imageSearch: async ({ exchange, query, verbs }) => {
    const filters = parseFilters(query.filters);
    checkFilterKeys(filters, { here: ["is-automated", "is-official", "stars"], dockers: [] });
    const official = flagOf(filters, "is-official");
    const hits = await ofRegistry(
      verbs.images.search(query.term ?? "", {
        limit: limitOf(query.limit),
        stars: Math.max(0, ...(filters.get("stars") ?? []).map(starsOf)),
        automated: flagOf(filters, "is-automated") ?? false,
        ...(official !== undefined && { official }),
        ...callOf(exchange),
      }),
    );
    exchange.reply(
      200,
      hits.map(({ name, description, stars, official: isOfficial }) => ({
        star_count: stars,
        is_official: isOfficial,
        name,
        is_automated: false,
        description,
      })),
    );
  },
};

function callOf(exchange: Call<"distribution">["exchange"]): Parameters<Call<"distribution">["verbs"]["images"]["distribution"]>[1] {
  const credentials = registryCredentials(exchange.header("x-registry-auth"));
  return { ...(credentials !== undefined && { credentials }), signal: exchange.signal };
}

function limitOf(text: string | undefined): number {
  if (text === undefined || text === "") return 0;
  if (!/^[+-]?\d{1,15}$/.test(text)) throw fault("invalid", `invalid limit specified: ${notANumber(text)}`);
  return Number(text);
}

function starsOf(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) throw fault("invalid", `invalid filter 'stars=${text}': ${notANumber(text)}`);
  return Number(text);
}

/** As Go's strconv says it. */
function notANumber(text: string): string {
  return `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
