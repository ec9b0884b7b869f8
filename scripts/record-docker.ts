// Asks a real Docker the table's requests anew: bun run record:docker [SOCKET]. Without a socket it starts a Docker of its own; one
// that is given must have no container, and no image but those of the table.
import { release } from "node:os";
import { join } from "node:path";
import { play, type Played } from "../test/docker-table/play.ts";
import { record } from "../test/docker-table/recording.ts";
import { scenarios } from "../test/docker-table/scenarios/index.ts";
import { ask, type DockerAnswer, type DockerAnswers } from "../test/support/docker-answers.ts";
import { loadImage } from "../test/support/images.ts";
import { readSyscallVerdicts } from "../test/support/syscall-verdicts.ts";
import { run } from "./images/run.ts";
import { startDockerPeer } from "./peers/docker-peer.ts";

const fixtures = join(import.meta.dir, "../test/fixtures");

async function recordAll(socket: string): Promise<void> {
  // Loaded twice, an image would leave its first self behind without a name.
  const { body: list } = await ask(socket, { method: "GET", path: "/images/json" });
  for (const image of ["busybox", "hello-world"] as const) if (!list.includes(`"${image}:latest"`)) await loadImage(socket, image);
  const { body: versionBody } = await ask(socket, { method: "GET", path: "/version" });
  const { Version: engine } = JSON.parse(versionBody) as { readonly Version: string };
  const { body: infoBody } = await ask(socket, { method: "GET", path: "/info" });
  const { DockerRootDir: root } = JSON.parse(infoBody) as { readonly DockerRootDir: string };
  const path = join(fixtures, "docker-answers/answers.json");
  const before = (await Bun.file(path).json()) as DockerAnswers;
  const answers: DockerAnswer[] = [];
  for (const { request } of before.answers) answers.push(await ask(socket, request));
  await Bun.write(path, `${JSON.stringify({ engine, answers }, undefined, 1)}\n`);
  console.log(`${answers.length} single answers of Docker ${engine}`);
  await Bun.write(
    join(fixtures, "syscalls/docker.json"),
    `${JSON.stringify({ engine, kernel: release(), ...(await readSyscallVerdicts(socket)) }, undefined, 1)}\n`,
  );
  for (const scenario of scenarios) {
    const plays = new Map<string, readonly Played[]>();
    for (const version of scenario.versions) plays.set(version, await play({ socket, places: [[root, "<root>"]] }, scenario, version));
    const recording = record(engine, plays);
    await Bun.write(join(fixtures, `docker-table/${scenario.name}.json`), `${JSON.stringify(recording, undefined, 1)}\n`);
    console.log(`${scenario.name}: ${[...plays.values()].flat().length} answers, ${recording.answers.length} of them different`);
  }
}

const [given] = process.argv.slice(2);
if (given === undefined) {
  await using peer = await startDockerPeer("docker28c");
  await recordAll(peer.socket);
} else {
  await recordAll(given);
}
await run(["node_modules/.bin/oxfmt", "test/fixtures"], { cwd: join(import.meta.dir, "..") });
