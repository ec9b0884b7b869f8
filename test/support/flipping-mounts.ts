// Two containers on one volume: one turns the folders in it into links and back as fast as it can, the other is started again and again with
// mounts below them.
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { call, startNew, wait, removeForced } from "./container-calls.ts";
import type { TestDaemon } from "./daemon.ts";
import { mountPoints } from "./sweep.ts";

interface Flipped {
  /** Starts that came through, and starts that were refused. */
  readonly started: number;
  readonly refused: number;
  /** What lies where the links lead, or is mounted on the host, and should not be. */
  readonly escaped: readonly string[];
}

const places = 20;

/** Starts a container `rounds` times with 20 mounts inside a volume whose folders are flipped meanwhile. */
export async function startAmongFlips(daemon: TestDaemon, rounds: number): Promise<Flipped> {
  const canary = join(daemon.place.home, "canary");
  mkdirSync(canary, { recursive: true });
  const out = `../../../../../../../../../..${canary}`;
  const step = `for n in $(seq ${places}); do rm -rf d$n; ln -s ${out} d$n; ln -sfn /proc p$n; rm -f d$n; mkdir d$n; done`;
  const quiet = { NetworkMode: "none" };
  const flipper = await startNew(daemon, {
    Cmd: ["sh", "-c", `cd /s; while :; do ${step}; done 2>/dev/null`],
    HostConfig: { ...quiet, Binds: ["flipped:/s"] },
  });
  const binds = ["flipped:/s", ...Array.from({ length: places }, (_, index) => `inner:/s/d${index + 1}/m`)];
  const before = new Set(mountPoints("self"));
  const escaped: string[] = [];
  let started = 0;
  for (let round = 0; round < rounds; round += 1) {
    try {
      const id = await startNew(daemon, { Cmd: ["true"], HostConfig: { ...quiet, Binds: binds } });
      started += 1;
      await wait(daemon, id);
      await removeForced(daemon, id);
    } catch (error) {
      // A mount that finds no folder is refused; the container stays as it was created.
      if (!String(error).includes("/start")) throw error;
    }
    escaped.push(...readdirSync(canary).map((name) => `file ${name}`));
  }
  await removeForced(daemon, flipper);
  await (await call(daemon, "/containers/prune", { method: "POST" })).text();
  const own = mountPoints("self").filter((path) => !before.has(path) && path.includes(daemon.place.token));
  return { started, refused: rounds - started, escaped: [...escaped, ...own.map((path) => `mount ${path}`)] };
}
