// Containers that show whether anything happened to them: each writes numbered lines, a thousand a second, and answers on a port.
import { join } from "node:path";
import { create, inspect, start, startNew, stdoutOf } from "./container-calls.ts";
import type { TestDaemon } from "./daemon.ts";
import { waitFor } from "./wait-for.ts";

/** A hundred lines in one write, ten times a second; the pause is a read of a pipe that stays empty, since it costs no process. */
const counting = `
mkdir -p /www && echo PORT > /www/port && httpd -p 80 -h /www
mkfifo /tick && exec 3<>/tick
i=1
while :; do
  batch=; end=$((i + 100))
  while [ $i -lt $end ]; do batch="$batch$i
"; i=$((i + 1)); done
  printf %s "$batch"
  read -t 0.09 -u 3 _
done`;

export interface Watcher {
  readonly id: string;
  readonly pid: number;
  readonly port: number;
}

/** Starts so many of them on consecutive ports; each answers and has begun to write. */
export async function startWatchers(daemon: TestDaemon, count: number, firstPort: number): Promise<Watcher[]> {
  const ports = Array.from({ length: count }, (_, index) => firstPort + index);
  const watchers: Watcher[] = [];
  for (const port of ports) {
    const id = await startNew(daemon, {
      Cmd: ["sh", "-c", counting.replace("PORT", String(port))],
      ExposedPorts: { "80/tcp": {} },
      HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: String(port) }] } },
    });
    await waitFor(async () => (await stdoutOf(daemon, id)) !== "", { what: "first line of a watcher" });
    watchers.push({ id, port, pid: (await inspect(daemon, id)).State.Pid });
  }
  return watchers;
}

/** A container that ends with the code when its init gets SIGTERM; created, started, and past the setting of its trap. */
export async function startLeaver(daemon: TestDaemon, code: number): Promise<{ readonly id: string; readonly pid: number }> {
  const id = await create(daemon, { Cmd: ["sh", "-c", `trap 'exit ${code}' TERM; echo ready; mkfifo /tick; exec 3<>/tick; read -u 3 _`] });
  await start(daemon, id);
  await waitFor(async () => (await stdoutOf(daemon, id)) !== "", { what: "trap of a container" });
  return { id, pid: (await inspect(daemon, id)).State.Pid };
}

/** What is wrong with the lines of a watcher: a number that is missing, twice or out of order; undefined when all are there. */
export function firstGap(log: string): string | undefined {
  const lines = log.split("\n").slice(0, -1);
  const at = lines.findIndex((line, index) => line !== String(index + 1));
  return at === -1 ? undefined : `line ${at + 1} says ${JSON.stringify(lines[at])}`;
}

export interface ProbeReport {
  readonly answers: number;
  readonly longest: number;
  readonly failures: readonly string[];
}

/** Asks the watchers' ports over and over, from where the daemon's network is, until `finish`. */
export class PortProber implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;

  constructor(daemon: TestDaemon, watchers: readonly Watcher[]) {
    const program = [process.execPath, join(import.meta.dir, "port-prober.ts"), String(watchers[0]?.port), String(watchers.length)];
    this.#child = Bun.spawn([...(daemon.enclosure?.prefix ?? []), ...program], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  }

  async finish(): Promise<ProbeReport> {
    await this.#child.stdin.end();
    const lines = (await this.#child.stdout.text()).trim().split("\n");
    return JSON.parse(lines.at(-1) ?? "") as ProbeReport;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}
