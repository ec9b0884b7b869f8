// Other people's clients, as `npm test` has fetched them, and programs that use them against a daemon of a test.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestDaemon } from "./daemon.ts";
import { projectRoot, toolPath } from "./tools.ts";

const fetched = join(projectRoot, ".cache/clients");

/** Docker's own command line of Debian's next release. @throws when it was not fetched */
export function dockerClient(): string {
  return present(join(fetched, "docker-cli/usr/bin/docker"));
}

interface ClientProgram {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A program of test/clients: .mjs runs under Node 22 and finds packages below CLIENTS, .py under Python. @throws when its client was not fetched */
function clientProgram(name: string): ClientProgram {
  const path = join(projectRoot, "test/clients", name);
  if (name.endsWith(".py"))
    return { command: [toolPath("python3"), path], env: { PYTHONPATH: present(join(fetched, "python")), PYTHONDONTWRITEBYTECODE: "1" } };
  const node = present(join(fetched, `node_modules/node-linux-${process.arch}/bin/node`));
  return { command: [node, path], env: { CLIENTS: join(fetched, "/") } };
}

function present(path: string): string {
  if (!existsSync(path)) throw new Error(`${path} is missing: npm test sets it up`);
  return path;
}

/**
 * Runs a program of test/clients where the daemon is, and gives the JSON of its last line, or how it ended when it failed. Whenever it prints
 * "restart" the daemon is killed and started anew under it, and it is told.
 */
export async function outcomeOf(daemon: TestDaemon, name: string, surroundings: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const { command, env } = clientProgram(name);
  const { home } = daemon.place;
  const child = Bun.spawn([...(daemon.enclosure?.prefix ?? []), ...command], {
    cwd: "/",
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 50_000,
    killSignal: "SIGKILL",
    env: { ...process.env, DOCKER_HOST: daemon.host, DOCKER_CONFIG: join(home, "client"), HOME: home, ...env, ...surroundings },
  });
  const errors = child.stderr.text();
  const printed: string[] = [];
  for await (const line of linesOf(child.stdout)) {
    printed.push(line);
    if (line !== "restart") continue;
    await daemon.kill();
    await daemon.start();
    await child.stdin.write("\n");
    await child.stdin.flush();
  }
  const code = await child.exited;
  return code === 0 ? (JSON.parse(printed.at(-1) ?? "") as unknown) : { code, printed, errors: await errors };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
