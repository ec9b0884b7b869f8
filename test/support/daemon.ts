// A real daemon for tests: the compiled executable, started outside the source tree, in a place of its own.
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run, type CommandOptions, type Output } from "./command.ts";
import { openEnclosure, type Enclosure } from "./enclosure.ts";
import { isAlive } from "./processes.ts";
import { sweep } from "./sweep.ts";
import { makePlace, type TestPlace } from "./test-place.ts";
import { builtProgram, stockClient } from "./tools.ts";
import { waitFor } from "./wait-for.ts";

interface TestDaemonOptions {
  /** Further flags, under dockerd's names. */
  readonly flags?: readonly string[];
  /** What daemon.json holds; nothing when it is absent. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Run in network and mount namespaces of its own; published ports then answer only to `daemon.run`. */
  readonly enclosed?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** What -H says, where that is not the place's own socket. */
  readonly listensOn?: string;
  /** What runs as the daemon: `dist/gantryd`; `["bun", "src/main.ts", "daemon"]` runs from source. */
  readonly program?: readonly string[];
  /** A place made before, for a baseline that stands before the daemon. */
  readonly place?: TestPlace;
  readonly enclosure?: Enclosure;
}

interface Running {
  readonly pid: number;
  readonly exited: Promise<number>;
}

/** One daemon and what is needed to talk to it. Disposing ends it and removes all that it made. */
export class TestDaemon implements AsyncDisposable {
  readonly place: TestPlace;
  readonly enclosure: Enclosure | undefined;
  readonly #options: TestDaemonOptions;
  readonly #ownEnclosure: boolean;
  #config: string;
  #running: Running | undefined;

  constructor(options: TestDaemonOptions, enclosure: Enclosure | undefined) {
    this.place = options.place ?? makePlace();
    this.enclosure = enclosure;
    this.#ownEnclosure = options.enclosure === undefined;
    this.#options = options;
    this.#config = JSON.stringify(options.config ?? {});
  }

  get pid(): number {
    if (this.#running === undefined) throw new Error("the daemon does not run");
    return this.#running.pid;
  }

  /** As DOCKER_HOST takes it. */
  get host(): string {
    return `unix://${this.place.socket}`;
  }

  /** Everything the daemon has written so far, over all its starts. */
  get log(): string {
    return readFileSync(join(this.place.home, "daemon.log"), "utf8");
  }

  /** Starts it in the same place as before; gives the milliseconds until it answered. @throws with its log when it does not come up */
  async start(): Promise<number> {
    const began = performance.now();
    const { place } = this;
    mkdirSync(join(place.home, "cwd"), { recursive: true });
    const log = openSync(join(place.home, "daemon.log"), "a");
    const listensOn = this.#options.listensOn ?? this.host;
    const flags = ["--data-root", place.dataRoot, "--exec-root", place.execRoot, "--pidfile", place.pidFile, "-H", listensOn];
    const names = ["--bridge", place.bridge, "--bip", place.bip, "--config-file", join(place.home, "daemon.json"), "--log-format", "json"];
    await this.configure(this.#config);
    const program = this.#options.program ?? [builtProgram("gantryd")];
    const child = Bun.spawn([...this.#prefix, ...program, ...flags, ...names, ...(this.#options.flags ?? [])], {
      cwd: join(place.home, "cwd"),
      env: { ...process.env, GANTRY_TEST: place.token, ...this.#options.env },
      stdin: "ignore",
      stdout: log,
      stderr: log,
    });
    closeSync(log);
    this.#running = { pid: child.pid, exited: child.exited };
    await waitFor(() => this.#isReady(child.pid), { what: "answer of the daemon", deadline: 20_000, every: 2 });
    return performance.now() - began;
  }

  /** Writes daemon.json for this start and the next ones; a daemon that runs reads it at SIGHUP. */
  async configure(text: string): Promise<void> {
    this.#config = text;
    await Bun.write(join(this.place.home, "daemon.json"), text);
  }

  /** SIGKILL, and its end. Containers run on. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** SIGTERM, and its end. Containers run on. */
  terminate(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** The stock client against this daemon. */
  docker(args: readonly string[], options: CommandOptions = {}): Promise<Output> {
    return this.run([stockClient(), ...args], options);
  }

  /** Our command line against this daemon. */
  gantry(args: readonly string[], options: CommandOptions = {}): Promise<Output> {
    return this.run([builtProgram("gantry"), ...args], options);
  }

  /** Any program where the daemon is: in its namespaces, with DOCKER_HOST set and nobody's own client settings. */
  run(command: readonly string[], options: CommandOptions = {}): Promise<Output> {
    const env = { DOCKER_HOST: this.host, DOCKER_CONFIG: join(this.place.home, "client"), HOME: this.place.home, ...options.env };
    return run([...this.#prefix, ...command], { ...options, env });
  }

  /** A request as it stands, path with version or without. */
  request(path: string, init: RequestInit = {}): Promise<Response> {
    // A connection that is kept would count as a leak of the test's own, and hold that of a daemon which is gone.
    return fetch(`http://localhost${path}`, { keepalive: false, ...init, unix: this.place.socket });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running !== undefined && isAlive(this.#running.pid)) {
      await this.#removeContainers();
      await this.terminate();
    }
    await sweep(this.place);
    if (this.#ownEnclosure) await this.enclosure?.[Symbol.asyncDispose]();
  }

  get #prefix(): readonly string[] {
    return this.enclosure?.prefix ?? [];
  }

  async #isReady(pid: number): Promise<boolean> {
    if (!isAlive(pid)) throw new Error(`the daemon ended at its start:\n${this.log}`);
    try {
      return (await this.request("/_ping")).ok;
    } catch {
      return false; // nothing listens yet
    }
  }

  /** A daemon that does not answer is ended all the same; `sweep` ends what it ran. */
  async #removeContainers(): Promise<void> {
    const answer = await this.request("/containers/json?all=1", { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    if (answer?.ok !== true) return;
    const containers = (await answer.json()) as readonly { readonly Id: string }[];
    const removals = containers.map(({ Id }) =>
      this.request(`/containers/${Id}?force=1&v=1`, { method: "DELETE", signal: AbortSignal.timeout(15_000) }),
    );
    await Promise.allSettled(removals);
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const { pid } = this;
    const exited = this.#running?.exited;
    this.#running = undefined;
    if (isAlive(pid)) process.kill(pid, signal);
    const late = setTimeout(() => process.kill(pid, "SIGKILL"), 15_000);
    await exited;
    clearTimeout(late);
  }
}

/** A daemon that answers. */
export async function startDaemon(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const enclosure = options.enclosure ?? (options.enclosed === true ? await openEnclosure() : undefined);
  const daemon = new TestDaemon(options, enclosure);
  try {
    await daemon.start();
  } catch (error) {
    await daemon[Symbol.asyncDispose]();
    throw error;
  }
  return daemon;
}
