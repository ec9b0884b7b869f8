// npm start: from a fresh clone to a running container. What follows `--` goes to the daemon.
import { spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { ensureBuilt, ensureBun } from "./setup/bun.mjs";
import { ask, ensureDaemon, executable, placeOf, runningPid } from "./setup/daemon.mjs";
import { ensureEngineParts, requireRoot } from "./setup/host.mjs";
import { findProgram, giveUp, root, runVisibly } from "./setup/programs.mjs";

async function ensureHelloWorld(place, bun) {
  const known = await ask(place, { path: "/images/hello-world:latest/json" });
  if (known.status === 200) return;
  const archive = join(root, ".cache/images/hello-world.tar");
  if (!runVisibly([bun, "scripts/images/hello-world.ts", archive])) giveUp("the hello-world image could not be made");
  const loaded = await ask(place, {
    method: "POST",
    path: "/images/load",
    body: createReadStream(archive),
    headers: { "content-type": "application/x-tar" },
  });
  if (loaded.status !== 200 || loaded.text.includes('"error"')) giveUp(`the hello-world image could not be loaded: ${loaded.text}`);
}

requireRoot("npm start");
const flags = process.argv.slice(2);
const place = placeOf(flags);
ensureEngineParts();
const bun = ensureBun();
ensureBuilt(bun);
await ensureDaemon(place, flags);
await ensureHelloWorld(place, bun);

const host = `unix://${place.socket}`;
const hello = spawnSync(executable, ["-H", host, "run", "--rm", "hello-world"], { stdio: "inherit" });
if (hello.status !== 0) giveUp("hello-world did not run");

const client = findProgram("docker") === undefined ? join(root, "dist/docker") : "docker";
const stop = flags.length === 0 ? "" : ` -- ${flags.join(" ")}`;
console.log(`
The daemon runs (pid ${runningPid(place)?.pid}). Next:
  ${executable} -H ${host} run -it --rm hello-world
  ${client} -H ${host} run --rm hello-world
  npm --prefix ${root} run stop${stop}`);
