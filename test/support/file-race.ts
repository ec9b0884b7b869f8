import { archive } from "./archive.ts";
import type { Canary } from "./canary.ts";
import { create, removeForced, start } from "./container-calls.ts";
import type { TestDaemon } from "./daemon.ts";
import { listTar } from "./tar-listing.ts";

interface Race {
  /** How many answers in each direction. */
  readonly rounds?: number;
  /** Or how long, in milliseconds. */
  readonly duration?: number;
}

/**
 * A container that turns a directory into a link to "/" and back as fast as it can, while files at the canary's own path are read and written
 * below it. Gives what was read: it must be the container's own, or an error.
 */
export async function raceForFiles(
  daemon: TestDaemon,
  canary: Canary,
  { rounds = Infinity, duration = Infinity }: Race,
): Promise<{ readonly texts: readonly string[]; readonly rounds: number }> {
  const script = "cd /race; ln -s / link; while :; do mv w stash; mv link w; mv w link; mv stash w; done";
  const id = await create(daemon, { Cmd: ["sh", "-c", script], HostConfig: { NetworkMode: "none" } });
  const own = `race/w${canary.path}`;
  const planted = archive([
    { name: own, type: "directory" },
    { name: `${own}/secret`, content: "the container's own" },
  ]);
  await daemon.request(`/containers/${id}/archive?path=/`, { method: "PUT", body: planted });
  await start(daemon, id);
  const evil = archive([
    { name: "secret", content: "overwritten" },
    { name: "planted", content: "planted" },
  ]);
  const path = `/containers/${id}/archive?path=/race/w${canary.path}`;
  const texts = new Set<string>();
  const until = performance.now() + duration;
  let round = 0;
  for (; round < rounds && performance.now() < until; round += 1) {
    const [read, stat, written] = await Promise.all([
      daemon.request(`${path}/secret`, { headers: { "Accept-Encoding": "identity" } }),
      daemon.request(`${path}/secret`, { method: "HEAD" }),
      daemon.request(path, { method: "PUT", body: evil }),
    ]);
    texts.add(read.ok ? JSON.stringify(listTar(await read.bytes()).map(({ content }) => content)) : await read.text());
    texts.add(Buffer.from(stat.headers.get("x-docker-container-path-stat") ?? "", "base64").toString());
    texts.add(await written.text());
  }
  await removeForced(daemon, id);
  return { texts: [...texts], rounds: round };
}
