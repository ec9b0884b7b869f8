import { fault, matchesLabel, newId, now, type Digest } from "#base";
import { apply, changeLimits, checkLimits, isLive, type Container, type ContainerSpec, type Resources } from "#container";
import {
  type AttachedContainer,
  type ContainerVerbs,
  type ContainerView,
  type EngineInfo,
  diskUsage,
  EventHub,
  type ExecSpec,
  type ExecVerbs,
  type ExecView,
  filterNetworks,
  type ImageVerbs,
  type ListQuery,
  type NetworkVerbs,
  type SystemVerbs,
  type Verbs,
  type VolumeVerbs,
  type WaitCondition,
  type WaitResult,
} from "#engine";
import type { EngineEvent } from "#event";
import { findNetwork, type Network } from "#network";
import { memoryFileVerbs } from "./memory-files.ts";
import { memoryHost, memoryLimits } from "./memory-host.ts";
import { MemoryImages } from "./memory-images.ts";
import { readLog, runProgram, Stdio, type MemoryProgram } from "./memory-process.ts";
import { memoryVolumeVerbs } from "./memory-volumes.ts";
import { memoryProcessVerbs, refusePaused } from "./memory-process-verbs.ts";

interface Held {
  container: Container;
  stdio: Stdio;
  readonly execs: string[];
  readonly removed: PromiseWithResolvers<undefined>;
}

interface HeldExec {
  view: ExecView;
  readonly stdio: Stdio;
  started: boolean;
}

/** Docker's own networks, with nobody in them. */
function memoryNetworks(): NetworkVerbs {
  const networks: readonly Network[] = [
    { id: "b".repeat(64), name: "bridge", driver: "bridge", created: 1n },
    { id: "c".repeat(64), name: "host", driver: "host", created: 1n },
    { id: "d".repeat(64), name: "none", driver: "null", created: 1n },
  ];
  return {
    list: (filters) => filterNetworks(networks, filters).map((network) => ({ network, containers: [] })),
    get: (reference) => ({ network: findNetwork(networks, reference), containers: [] }),
    create: async ({ name }) => {
      throw fault("unavailable", `network ${name}: the memory engine makes none`);
    },
    remove: async (reference) => {
      throw fault("denied", `${findNetwork(networks, reference).name} is a pre-defined network and cannot be removed`);
    },
    connect: async (reference) => void findNetwork(networks, reference),
    disconnect: async (reference) => void findNetwork(networks, reference),
    prune: async () => [],
  };
}

/** The engine's verbs over plain data: containers whose processes are functions of this process. For tests of what stands above verbs. */
export class MemoryEngine implements Verbs {
  readonly containers: ContainerVerbs;
  readonly exec: ExecVerbs;
  readonly images: ImageVerbs;
  readonly networks: NetworkVerbs = memoryNetworks();
  readonly volumes: VolumeVerbs;
  readonly system: SystemVerbs;
  readonly #held = new Map<string, Held>();
  readonly #execs = new Map<string, HeldExec>();
  readonly #images = new MemoryImages();
  readonly #programs = new Map<string, MemoryProgram>();
  readonly #events = new EventHub();

  constructor() {
    this.containers = this.#containerVerbs();
    this.exec = this.#execVerbs();
    this.images = this.#images.verbs();
    this.volumes = memoryVolumeVerbs((volume) => this.#usersOf(volume));
    this.system = {
      info: () => this.#info(),
      login: async ({ username, password }) => {
        if (username !== "bob" || password !== "secret") throw fault("unauthorized", "unauthorized: incorrect username or password");
        return { identityToken: "" };
      },
      check: async () => ({ blobs: 0, layers: 0, unjudged: 0, flaws: [], plan: [], outcomes: [], database: [], lost: [] }),
      diskUsage: (query) =>
        diskUsage({ containers: this.containers, images: this.images, volumes: this.volumes, layers: { list: async () => [] } }, query),
      events: (span, signal) => this.#events.listen(span, signal),
    };
  }

  /** Makes `name` a command that containers can run. */
  addProgram(name: string, program: MemoryProgram): void {
    this.#programs.set(name, program);
  }

  /** Puts an image without layers under a name. */
  addImage(name: string, command: readonly string[]): Digest {
    return this.#images.add(name, command);
  }

  /** How many clients are attached to a container. */
  attached(reference: string): number {
    return this.#find(reference).stdio.clients.size;
  }

  /** How many listen to events. */
  get listeners(): number {
    return this.#events.listeners;
  }

  announce(event: Omit<EngineEvent, "number" | "at">): void {
    this.#events.announce(event);
  }

  #find(reference: string, doing = ""): Held {
    const name = reference.replace(/^\//, "");
    const all = [...this.#held.values()];
    const exact = this.#held.get(name) ?? all.find((held) => held.container.name === name);
    if (exact !== undefined) return exact;
    const matching = name === "" ? [] : all.filter((held) => held.container.id.startsWith(name));
    if (matching.length > 1) throw fault("invalid", `multiple IDs found with provided prefix: ${name}`);
    const [only] = matching;
    if (only === undefined) throw fault("not-found", `${doing}No such container: ${reference}`);
    return only;
  }

  #viewOf(held: Held): ContainerView {
    const { container } = held;
    return {
      container,
      volumeRoot: "/data/volumes",
      logPath: `/log/${container.id}`,
      folder: `/c/${container.id}`,
      execIds: held.execs,
      layerDriver: "directory",
    };
  }

  #usersOf(volume: string): readonly string[] {
    const all = [...this.#held.values()].map(({ container }) => container);
    return all.filter(({ spec }) => (spec.host.volumes ?? []).some(({ name }) => name === volume)).map(({ id }) => id);
  }

  async #update(held: Held, change: Resources): Promise<readonly string[]> {
    const { resources, warnings } = checkLimits(change, memoryLimits, { update: true });
    const { spec } = held.container;
    const host = { ...spec.host, resources: changeLimits(spec.host.resources, resources) };
    held.container = { ...held.container, spec: { ...spec, host } };
    this.#tell(held.container, "update");
    return warnings;
  }

  #containerVerbs(): ContainerVerbs {
    return {
      create: (request) => this.#create(request),
      get: (reference) => this.#viewOf(this.#find(reference)),
      list: (query) => this.#list(query),
      sizes: async (ids) => ids.map(() => ({ written: 4096, total: 6096 })),
      start: (reference) => this.#start(this.#find(reference)),
      stop: async (reference, { signal }) => {
        const held = this.#find(reference);
        if (!isLive(held.container.state)) throw fault("not-modified", "container is not running");
        held.stdio.signal.resolve(signal === "SIGKILL" ? 9 : 15);
        await held.stdio.ended;
      },
      restart: async (reference) => {
        const held = this.#find(reference);
        held.stdio.signal.resolve(15);
        if (isLive(held.container.state)) await held.stdio.ended;
        await this.#start(held);
      },
      kill: async (reference, signal) => {
        const held = this.#find(reference, `cannot kill container: ${reference}: `);
        if (!isLive(held.container.state))
          throw fault("conflict", `cannot kill container: ${reference}: container ${held.container.id} is not running`);
        if (!/^(?:SIG)?[A-Z]+$|^[1-9][0-9]?$/.test(signal))
          throw fault("invalid", `cannot kill container: ${reference}: invalid signal: ${signal}`);
        held.stdio.signal.resolve(9);
      },
      ...memoryProcessVerbs({
        find: (reference) => this.#find(reference),
        tell: (held, action) => this.#tell(held.container, action),
      }),
      ...memoryFileVerbs({ find: (reference) => this.#find(reference) }),
      wait: (reference, condition, signal) => this.#wait(this.#find(reference), condition, signal),
      update: (reference, change) => this.#update(this.#find(reference), change),
      rename: async (reference, name) => {
        const held = this.#find(reference);
        if (name === "") throw fault("invalid", "Neither old nor new names may be empty");
        held.container = { ...held.container, name };
      },
      remove: async (reference, { force }) => this.#remove(reference, force),
      prune: async ({ labels = [] }) => {
        const meant = [...this.#held.values()].map(({ container }) => container).filter(({ state }) => !isLive(state));
        const deleted = meant.filter(({ spec }) => labels.every((label) => matchesLabel(spec.labels, label))).map(({ id }) => id);
        for (const id of deleted) this.#forget(id);
        return { deleted, reclaimed: deleted.length * 4096 };
      },
      logs: (reference, query, signal) => {
        const held = this.#find(reference);
        return { tty: held.container.spec.tty, batches: readLog(held.stdio, query, signal) };
      },
      attach: async (reference): Promise<AttachedContainer> => {
        const held = this.#find(reference);
        refusePaused(held.container, `container ${reference} is paused, unpause the container before attach`);
        return {
          tty: held.container.spec.tty,
          attachment: held.stdio.attach(),
          detached: () => this.#tell(held.container, "detach"),
        };
      },
      resize: async (reference, size) => {
        const held = this.#find(reference);
        if (!isLive(held.container.state)) throw fault("conflict", `container ${held.container.id} is not running`);
        held.stdio.size = size;
      },
    };
  }

  async #create(request: { readonly name?: string; readonly spec: ContainerSpec }): Promise<{ id: string; warnings: readonly string[] }> {
    const { image, manifest } = this.#images.find(request.spec.image);
    const id = newId();
    const name = request.name ?? `made_${id.slice(0, 8)}`;
    const taken = [...this.#held.values()].find((held) => held.container.name === name);
    if (taken !== undefined)
      throw fault("conflict", `Conflict. The container name "/${name}" is already in use by container "${taken.container.id}".`);
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
      throw fault("invalid", `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
    const { resources, warnings } = checkLimits(request.spec.host.resources, memoryLimits, { update: false });
    const container: Container = {
      id,
      name,
      owner: "api",
      created: now(),
      generation: 1,
      spec: { ...request.spec, host: { ...request.spec.host, resources } },
      image: { id: image.id, manifest: manifest.descriptor.digest, layers: [], config: manifest.runtime, os: "linux" },
      state: { status: "created" },
      restartCount: 0,
    };
    this.#held.set(id, { container, stdio: new Stdio(), execs: [], removed: Promise.withResolvers() });
    this.#tell(container, "create");
    return { id, warnings };
  }

  #list({ all, limit, filters }: ListQuery): readonly ContainerView[] {
    const matches = ({ container }: Held): boolean => {
      const labels = container.spec.labels;
      const has = (label: string): boolean => {
        const [key = "", value] = label.split("=");
        return value === undefined ? Object.hasOwn(labels, key) : labels[key] === value;
      };
      return (
        (filters.id?.some((id) => container.id.startsWith(id)) ?? true) &&
        (filters.name?.some((name) => container.name.includes(name)) ?? true) &&
        (filters.label?.every(has) ?? true) &&
        (filters.exited?.some((code) => container.state.status === "exited" && container.state.exit.code === code) ?? true) &&
        (filters.before ?? []).every((name) => container.created < this.#find(name).container.created) &&
        (filters.since ?? []).every((name) => container.created > this.#find(name).container.created) &&
        (filters.ancestor?.some((name) => container.spec.image === name) ?? true) &&
        (filters.status?.includes(container.state.status) ?? (all || limit !== undefined || isLive(container.state)))
      );
    };
    return [...this.#held.values()]
      .toReversed()
      .filter(matches)
      .slice(0, limit)
      .map((held) => this.#viewOf(held));
  }

  async #start(held: Held): Promise<void> {
    const { id, spec, image } = held.container;
    const args = [...(spec.entrypoint ?? []), ...(spec.command ?? image.config.command ?? [])];
    held.container = { ...held.container, state: apply(held.container.state, { type: "start-intended" }) };
    const program = this.#programs.get(args[0] ?? "");
    if (program === undefined) {
      const message = `exec: ${JSON.stringify(args[0])}: executable file not found in $PATH`;
      const state = apply(held.container.state, { type: "start-failed", message, code: 127, at: now() });
      held.container = { ...held.container, state };
      throw fault("invalid", message);
    }
    if (held.container.state.status === "starting" && held.container.state.startedAt !== undefined) held.stdio = new Stdio();
    const { stdio } = held;
    held.container = { ...held.container, state: apply(held.container.state, { type: "started", pid: 42, monitorPid: 41, at: now() }) };
    this.#tell(held.container, "start");
    void runProgram(program, stdio, { args, tty: spec.tty }).then((code) => {
      const exit = { code, at: now(), oomKilled: false };
      held.container = { ...held.container, state: apply(held.container.state, { type: "exited", exit }) };
      this.#tell(held.container, "die", { exitCode: String(code) });
      stdio.finish();
      if (spec.host.autoRemove) this.#forget(id);
    });
  }

  #wait(held: Held, condition: WaitCondition, signal: AbortSignal): { result: Promise<WaitResult> } {
    const gone = new Promise<never>((_settle, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    const codeOf = (): WaitResult => ({ code: held.container.state.status === "exited" ? held.container.state.exit.code : 0 });
    const ended = async (): Promise<WaitResult> => {
      if (condition === "removed") await held.removed.promise;
      else if (condition === "next-exit" || isLive(held.container.state)) await held.stdio.ended;
      return codeOf();
    };
    return { result: Promise.race([ended(), gone]) };
  }

  #remove(reference: string, force: boolean): void {
    const held = this.#find(reference);
    if (isLive(held.container.state)) {
      if (!force) refusePaused(held.container, `cannot remove container "${reference}": container is paused and must be unpaused first`);
      if (!force)
        throw fault(
          "conflict",
          `cannot remove container "${reference}": container is running: stop the container before removing or force remove`,
        );
      held.stdio.signal.resolve(9);
    }
    this.#forget(held.container.id);
  }

  #forget(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#tell(held.container, "destroy");
    held.removed.resolve(undefined);
  }

  #tell(container: Container, action: string, more: Readonly<Record<string, string>> = {}): void {
    const attributes = { ...container.spec.labels, ...more, image: container.spec.image, name: container.name };
    this.announce({ type: "container", action, actorId: container.id, attributes });
  }

  #execVerbs(): ExecVerbs {
    const find = (id: string): HeldExec => {
      const found = this.#execs.get(id);
      if (found === undefined) throw fault("not-found", `No such exec instance: ${id}`);
      return found;
    };
    return {
      create: async (reference: string, spec: ExecSpec) => {
        const { container, execs } = this.#find(reference);
        if (!isLive(container.state)) throw fault("conflict", `container ${container.id} is not running`);
        refusePaused(container, `Container ${reference} is paused, unpause the container before exec`);
        const id = newId();
        this.#execs.set(id, { view: { id, containerId: container.id, spec, running: false, pid: 0 }, stdio: new Stdio(), started: false });
        execs.push(id);
        return id;
      },
      start: async (id, { detach }) => {
        const exec = find(id);
        if (exec.started) throw fault("conflict", `exec command ${id} has already run`);
        exec.started = true;
        const { command, tty } = exec.view.spec;
        const program = this.#programs.get(command[0] ?? "");
        if (program === undefined) {
          exec.view = { ...exec.view, code: 127 };
          throw fault("invalid", `exec: ${JSON.stringify(command[0])}: executable file not found in $PATH`);
        }
        const attachment = detach ? undefined : exec.stdio.attach();
        exec.view = { ...exec.view, running: true, pid: 43 };
        void runProgram(program, exec.stdio, { args: command, tty }).then((code) => {
          exec.view = { ...exec.view, running: false, code };
          exec.stdio.finish();
        });
        return { tty, ...(attachment !== undefined && { attachment }), detached: () => undefined };
      },
      get: (id) => find(id).view,
      resize: async (id, size) => {
        find(id).stdio.size = size;
      },
    };
  }

  #info(): EngineInfo {
    const all = [...this.#held.values()];
    const running = all.filter((held) => isLive(held.container.state)).length;
    const paused = all.filter((held) => held.container.state.status === "paused").length;
    return {
      ...memoryHost,
      containers: { total: all.length, running: running - paused, paused, stopped: all.length - running },
      images: this.#images.size,
      eventListeners: this.#events.listeners,
      startedAt: now(),
    };
  }
}
