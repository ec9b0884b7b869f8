import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { MonitoredProcess, Exit } from "#container";
import { closeFd } from "#linux";
import { FileLogReader } from "#logs";
import { RuntimeHost } from "../support/runtime-host.ts";

setDefaultTimeout(30_000);

interface Doomed {
  readonly folder: string;
  readonly cgroupParent: string;
  readonly id: string;
  readonly pid: number;
  readonly monitorPid: number;
}

/** Starts a daemon with one container and kills it in the middle. */
async function killedDaemon(name: string, script: string): Promise<Doomed> {
  const daemon = Bun.spawn([process.execPath, join(import.meta.dir, "../support/doomed-daemon.ts"), name, script], {
    cwd: join(import.meta.dir, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of daemon.stdout) {
    text += decoder.decode(chunk);
    if (text.includes("\n")) break;
  }
  daemon.kill("SIGKILL");
  await daemon.exited;
  return JSON.parse(text) as Doomed;
}

async function adopt(host: RuntimeHost, { id, pid, monitorPid }: Doomed): Promise<MonitoredProcess | Exit | undefined> {
  return host.runtime.adopt(id, { pid, monitorPid, tty: false, openStdin: true, stdinOnce: false });
}

/** A line that the monitor read in two parts is logged in two. */
async function loggedText(path: string, ended: Promise<unknown>): Promise<string> {
  let text = "";
  const options = { ended: ended.then(() => undefined), signal: new AbortController().signal };
  for await (const batch of new FileLogReader().read(path, { stdout: true, stderr: true, follow: true }, options)) {
    for (const entry of batch) text += new TextDecoder().decode(entry.bytes);
  }
  return text;
}

for (const name of ["crun", "runc"] as const) {
  describe(`after kill -9 of a daemon with ${name}`, () => {
    test("the container is the same process, its lines are there once and in order, its exit is told", async () => {
      const doomed = await killedDaemon(name, "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done; read line; exit 42");
      await using host = await RuntimeHost.reopen(name, doomed);
      const adopted = await adopt(host, doomed);
      if (adopted === undefined || !("exited" in adopted)) throw new Error("the container was not found alive");
      expect(adopted.pid).toBe(doomed.pid);
      const kept = await host.runtime.kept(doomed.id);
      expect(kept.length).toBe(2);
      for (const fd of kept) closeFd(fd);
      const text = loggedText(host.logPath(doomed.id), adopted.exited);
      await using attachment = await adopted.attach();
      await attachment.write(new TextEncoder().encode("go\n"));
      expect(await adopted.exited).toMatchObject({ code: 42, oomKilled: false });
      expect((await text).split("\n")).toEqual([...Array.from({ length: 20_000 }, (_, line) => String(line)), ""]);
    });

    test("an exit during the outage is told with its code", async () => {
      const doomed = await killedDaemon(name, "exec sleep 1000");
      process.kill(doomed.pid, "SIGKILL");
      await using host = await RuntimeHost.reopen(name, doomed);
      const adopted = await adopt(host, doomed);
      expect(adopted !== undefined && "exited" in adopted ? await adopted.exited : adopted).toMatchObject({ code: 137 });
      expect(await host.runtime.list()).toEqual([doomed.id]);
    });
  });
}
