// Clients that never stop: each does what users do, over and over, and takes a daemon that dies as they would, by trying again.
import { call, create, removeForced, start, startNew, wait } from "./container-calls.ts";
import type { TestDaemon } from "./daemon.ts";

export type Errand = (daemon: TestDaemon, name: string) => Promise<void>;

async function exec(daemon: TestDaemon, id: string): Promise<void> {
  const json = { "content-type": "application/json" };
  const command = JSON.stringify({ AttachStdout: true, Tty: true, Cmd: ["echo", "inside"] });
  const created = await call(daemon, `/containers/${id}/exec`, { method: "POST", headers: json, body: command });
  const { Id } = (await created.json()) as { readonly Id: string };
  await (await call(daemon, `/exec/${Id}/start`, { method: "POST", headers: json, body: JSON.stringify({ Tty: true }) })).text();
}

/** What one client does; what it makes carries its name. */
export const errands: Readonly<Record<string, Errand>> = {
  "run --rm": async (daemon, name) => {
    const id = await startNew(daemon, { Cmd: ["true"], HostConfig: { AutoRemove: true } }, name);
    await daemon.request(`/containers/${id}/wait?condition=removed`, { method: "POST" }).then((reply) => reply.text());
  },
  "create, start, wait, rm": async (daemon, name) => {
    const id = await create(daemon, { Cmd: ["sh", "-c", "echo life; exit 3"] }, name);
    await start(daemon, id);
    await wait(daemon, id);
    await removeForced(daemon, id);
  },
  "publish, rm -f": async (daemon, name) => {
    const HostConfig = { PortBindings: { "80/tcp": [{ HostPort: "20000" }] } };
    const id = await startNew(daemon, { Cmd: ["sleep", "1000"], ExposedPorts: { "80/tcp": {} }, HostConfig }, name);
    await removeForced(daemon, id);
  },
  "exec, logs, stop": async (daemon, name) => {
    const id = await startNew(daemon, { Cmd: ["sh", "-c", "echo up; exec sleep 1000"] }, name);
    await exec(daemon, id);
    await (await call(daemon, `/containers/${id}/logs?stdout=1`)).bytes();
    await (await call(daemon, `/containers/${id}/stop?t=0`, { method: "POST" })).text();
    await removeForced(daemon, id);
  },
};

/** Runs every errand on and on until told to end; failures are expected while the daemon dies. */
export class MixedLoad {
  readonly #end = new AbortController();
  readonly #clients: readonly Promise<void>[];
  done = 0;
  /** What went wrong while the daemon lived: never expected. */
  readonly refusals: string[] = [];

  constructor(daemon: TestDaemon) {
    this.#clients = Object.entries(errands).map(([title, errand], index) => this.#serve(daemon, errand, { title, name: `load${index}` }));
  }

  /** Ends the clients, each behind what it is at. */
  async finish(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#clients);
  }

  async #serve(daemon: TestDaemon, errand: Errand, client: { readonly title: string; readonly name: string }): Promise<void> {
    while (!this.#end.signal.aborted) {
      try {
        await clear(daemon, client.name);
        await errand(daemon, client.name);
        this.done += 1;
      } catch (error) {
        const text = String(error);
        // An answer with a status is the daemon's own word, anything else is its death.
        if (/: \d{3} /.test(text)) this.refusals.push(`${client.title}: ${text}`);
        await Bun.sleep(10);
      }
    }
  }
}

/** Removes what a death left under the name. */
async function clear(daemon: TestDaemon, name: string): Promise<void> {
  const reply = await daemon.request(`/containers/${name}?force=1`, { method: "DELETE" });
  const text = await reply.text();
  if (!reply.ok && reply.status !== 404) throw new Error(`DELETE ${name}: ${reply.status} ${text}`);
}
