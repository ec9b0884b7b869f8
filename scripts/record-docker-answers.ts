// Asks a real Docker the recorded requests anew: bun scripts/record-docker-answers.ts SOCKET. Docker needs an image busybox, and must
// have no container or image called nope.
import { join } from "node:path";
import { ask, type DockerAnswer, type DockerAnswers } from "../test/support/docker-answers.ts";

const [socket] = process.argv.slice(2);
if (socket === undefined) throw new Error("usage: bun scripts/record-docker-answers.ts SOCKET");
const path = join(import.meta.dir, "../test/fixtures/docker-answers/answers.json");
const before = (await Bun.file(path).json()) as DockerAnswers;
const version = JSON.parse((await ask(socket, { method: "GET", path: "/version" })).body) as { readonly Version: string };
const answers: DockerAnswer[] = [];
for (const { request } of before.answers) answers.push(await ask(socket, request));
await Bun.write(path, `${JSON.stringify({ engine: version.Version, answers }, undefined, 1)}\n`);
console.log(`${answers.length} answers of Docker ${version.Version}`);
