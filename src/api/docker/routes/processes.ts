import type { Writable } from "node:stream";
import { fault } from "#base";
import { isUp } from "#container";
import type { Reading } from "#engine";
import { knows } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { writeAll } from "../stream-writer.ts";
import { type NamedStats, statsView } from "../views/stats.ts";

/** What goes on in a container: its processes, and what they use. */
export const processRoutes: Handlers<"containerPause" | "containerUnpause" | "containerTop" | "containerStats"> = {
  containerPause: async ({ exchange, params, verbs }) => {
    await verbs.containers.pause(params["name"] ?? "");
    exchange.done(204);
  },
  containerUnpause: async ({ exchange, params, verbs }) => {
    await verbs.containers.unpause(params["name"] ?? "");
    exchange.done(204);
  },
  containerTop: async ({ exchange, params, query, verbs }) => {
    const { titles, processes } = await verbs.containers.top(params["name"] ?? "", query.ps_args ?? "");
    exchange.reply(200, { Processes: processes.length === 0 ? null : processes, Titles: titles });
  },
  containerStats: stats,
};

/**
 * One reading, or one every second. A reading carries the one before it, from which clients make the share of the processor: without
 * `stream` it is the second one, unless the client wants none to wait for.
 */
async function stats({ exchange, params, query, verbs, version }: Call<"containerStats">): Promise<void> {
  const oneShot = query["one-shot"] && knows(version, "oneShotStats");
  if (query.stream && oneShot) throw fault("invalid", "cannot have stream=true and one-shot=true");
  const { container } = verbs.containers.get(params["name"] ?? "");
  const named = { name: `/${container.name}`, id: container.id };
  if (!query.stream && !isUp(container.state)) {
    exchange.reply(200, statsView(undefined, named));
    return;
  }
  if (oneShot) {
    exchange.reply(200, statsView(await verbs.containers.usage(container.id)));
    return;
  }
  const readings = verbs.containers.readings(container.id, exchange.signal);
  if (query.stream) await writeEach(readings, named, exchange.begin());
  else exchange.reply(200, await second(readings, named));
}

async function writeEach(readings: AsyncIterable<Reading | undefined>, named: NamedStats, sink: Writable): Promise<void> {
  let before: Reading | undefined;
  for await (const reading of readings) {
    if (!(await writeAll(sink, `${JSON.stringify(statsView(reading, named, before))}\n`))) return;
    before = reading;
  }
  sink.end();
}

async function second(readings: AsyncIterable<Reading | undefined>, named: NamedStats): Promise<unknown> {
  let before: { readonly reading: Reading | undefined } | undefined;
  for await (const reading of readings) {
    if (before !== undefined) return statsView(reading, named, before.reading);
    before = { reading };
  }
  return statsView(undefined, named, before?.reading);
}
