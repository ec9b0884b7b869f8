// Kills a daemon at evenly spread system calls of an act, and looks at what the next one shows.
import { expect } from "bun:test";
import { call, list, removeForced } from "./container-calls.ts";
import { type CrashPoint, crashPoints, dieAt } from "./crash-points.ts";
import type { TestDaemon } from "./daemon.ts";
import { databaseFaults } from "./store-check.ts";

export interface Crashing {
  readonly daemon: TestDaemon;
  /** How many points are tried. */
  readonly tries: number;
  /** A first life in each daemon starts the threads that the second one needs. */
  readonly warmUp: () => Promise<void>;
  /** What must hold after each start. */
  readonly expectWhole: () => Promise<void>;
}

export interface Act {
  /** Gives the name or id of what is acted on. */
  readonly prepare: () => Promise<string>;
  readonly act: (subject: string) => Promise<unknown>;
  /** Looks at what the next daemon shows. */
  readonly check: (subject: string) => Promise<void>;
}

/** Evenly spread over all, and then those halfway between them. */
export function spread(all: readonly CrashPoint[], tries: number): readonly CrashPoint[] {
  const step = Math.max(1, all.length / tries);
  const places = Array.from({ length: Math.min(tries, all.length) }, (_, index) => index * step);
  return [...places, ...places.map((place) => place + step / 2)].flatMap((place) => all[Math.floor(place)] ?? []);
}

/** A call may come a different number of times in another life: goes on until most were real deaths. */
export async function crashThrough({ daemon, tries, warmUp, expectWhole }: Crashing, { prepare, act, check }: Act): Promise<void> {
  await warmUp();
  const id = await prepare();
  const all = await crashPoints(daemon, () => act(id));
  const chosen = Math.min(tries, all.length);
  let deaths = 0;
  for (const [index, point] of spread(all, tries).entries()) {
    if (index >= chosen && deaths > chosen / 2) break;
    await warmUp();
    const subject = await prepare();
    if (await dieAt(daemon, point, () => act(subject))) deaths += 1;
    expect(databaseFaults(daemon)).toEqual([]);
    await daemon.start();
    await check(subject);
    await expectWhole();
  }
  await Promise.all((await list(daemon, true)).map((each) => removeForced(daemon, each)));
  await expectWhole();
  expect(deaths).toBeGreaterThan(chosen / 2);
}

/** The names of all images. */
export async function imageNames(daemon: TestDaemon): Promise<readonly string[]> {
  const images = (await (await call(daemon, "/images/json")).json()) as readonly { readonly RepoTags: readonly string[] | null }[];
  return images.flatMap(({ RepoTags }) => RepoTags ?? []);
}
