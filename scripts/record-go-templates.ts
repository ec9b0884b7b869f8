// Asks Docker's own client the recorded templates anew: bun scripts/record-go-templates.ts [CLIENT...]. The client talks to a
// server of ours that knows one container, so no daemon is needed. CLIENT is the command that runs it, `docker` if none is named.
import { join } from "node:path";

/** One command line `inspect -f TEMPLATE` or `ps --format TEMPLATE`, and what the client made of it. */
interface Answer {
  readonly command: "inspect" | "ps";
  readonly template: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

const folder = join(import.meta.dir, "../test/fixtures/go-templates");
const client = process.argv.length > 2 ? process.argv.slice(2) : ["docker"];
const path = join(folder, "answers.json");
const before = (await Bun.file(path).json()) as { readonly answers: readonly Pick<Answer, "command" | "template">[] };
const container = await Bun.file(join(folder, "container.json")).text();
const containers = await Bun.file(join(folder, "containers.json")).text();

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request) => {
    const { pathname } = new URL(request.url);
    const headers = { "Api-Version": "1.50", "Content-Type": "application/json" };
    if (pathname.endsWith("/_ping")) return new Response("OK", { headers });
    return new Response(pathname.endsWith("/containers/json") ? containers : container, { headers });
  },
});
const env = { ...process.env, DOCKER_HOST: `tcp://127.0.0.1:${server.port}`, TZ: "UTC" };

async function ask(args: readonly string[]): Promise<Pick<Answer, "stdout" | "stderr" | "code">> {
  const child = Bun.spawn([...client, ...args], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { stdout, stderr, code };
}

const answers: Answer[] = [];
for (const { command, template } of before.answers) {
  const args = command === "inspect" ? ["inspect", "--type", "container", "-f", template, "web"] : ["ps", "-a", "--format", template];
  answers.push({ command, template, ...(await ask(args)) });
}
const version = (await ask(["--version"])).stdout.trim();
await server.stop(true);
await Bun.write(path, `${JSON.stringify({ client: version, answers }, undefined, 1)}\n`);
console.log(`${answers.length} answers of ${version}`);
