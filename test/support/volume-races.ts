// Volumes made, used, pruned and removed at once by several clients of a daemon that is killed in the middle of it, again and again. What was
// acknowledged must be so afterwards.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestDaemon } from "./daemon.ts";

type Fate = "there" | "unsure" | "gone";

interface Raced {
  /** Volumes that were acknowledged and are not there with their data, or the other way round. */
  readonly wrong: readonly string[];
  readonly made: number;
  readonly removed: number;
}

const clients = 3;

/** `seed` chooses the instants of the kills. */
export async function raceVolumes(daemon: TestDaemon, kills: number, seed = 11): Promise<Raced> {
  const fates = new Map<string, Fate>();
  const wrong: string[] = [];
  let random = seed;
  for (let round = 0; round < kills; round += 1) {
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
    const stopped = new AbortController();
    const work = Array.from({ length: clients }, (_, client) =>
      useVolumes(daemon, { fates, prefix: `r${round}c${client}`, stopped: stopped.signal }),
    );
    await Bun.sleep(20 + (random % 200));
    await daemon.kill();
    stopped.abort();
    await Promise.all(work);
    await daemon.start();
    wrong.push(...(await compare(daemon, fates)).map((what) => `after kill ${round}: ${what}`));
  }
  const all = [...fates.values()];
  return { wrong, made: all.length, removed: all.filter((fate) => fate === "gone").length };
}

interface Work {
  readonly fates: Map<string, Fate>;
  readonly prefix: string;
  readonly stopped: AbortSignal;
}

async function useVolumes(daemon: TestDaemon, { fates, prefix, stopped }: Work): Promise<void> {
  for (let count = 0; !stopped.aborted; count += 1) {
    const name = `${prefix}n${count}`;
    const attempt = (method: string, path: string, body?: object): Promise<number> => ask(daemon, { method, path, body });
    fates.set(name, "unsure");
    if ((await attempt("POST", "/volumes/create", { Name: name })) !== 201) continue;
    await Bun.write(join(dataOf(daemon, name), "keep"), name);
    fates.set(name, "there");
    const body = { Image: "busybox", Cmd: ["true"], HostConfig: { NetworkMode: "none", Binds: [`${name}:/v`, "/anonymous"] } };
    await attempt("POST", `/containers/create?name=${name}`, body);
    await attempt("POST", "/volumes/prune");
    await attempt("DELETE", `/containers/${name}?v=1`);
    if (count % 2 === 0) continue;
    fates.set(name, "unsure");
    if ((await attempt("DELETE", `/volumes/${name}`)) === 204) fates.set(name, "gone");
  }
}

/** 0 when the daemon was gone before it answered. */
async function ask(
  daemon: TestDaemon,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: object | undefined },
): Promise<number> {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  try {
    const reply = await daemon.request(path, { method, ...json });
    await reply.text();
    return reply.status;
  } catch {
    return 0;
  }
}

async function compare(daemon: TestDaemon, fates: ReadonlyMap<string, Fate>): Promise<readonly string[]> {
  const { Volumes } = (await (await daemon.request("/volumes")).json()) as { readonly Volumes: readonly { readonly Name: string }[] };
  const listed = new Set(Volumes.map(({ Name }) => Name));
  return [...fates].flatMap(([name, fate]) => {
    const isThere = listed.has(name) && existsSync(join(dataOf(daemon, name), "keep"));
    if (fate === "there" && !isThere) return [`${name} is lost`];
    return fate === "gone" && listed.has(name) ? [`${name} is back`] : [];
  });
}

function dataOf({ place }: TestDaemon, name: string): string {
  return join(place.dataRoot, "volumes", name, "_data");
}
