import { fault, now } from "#base";
import type { AdoptOptions, BundleRequest, ExecRequest, Exit, LiftedLimit, MonitoredProcess, OciLimits, Runtime } from "#container";
import { closeFd, getDescriptor, hasCode, type KernelPort, openPidfd } from "#linux";
import { AttachConnection, type StdinRules } from "./attach-connection.ts";
import { configText, processText } from "./config-text.ts";
import type { ControlGroups } from "./control-groups.ts";
import { monitorArguments } from "./monitor-arguments.ts";
import { MonitorLine, type MonitorReport } from "./monitor-line.ts";
import { slots, spawnMonitor, type SpawnedMonitor } from "./monitor.ts";
import { ConmonProcess, exitCodeWithin, readExit } from "./monitored-process.ts";
import type { MonitorPlace, MonitorPlaces } from "./places.ts";
import { deleteState, knownIds, runRuntime, runtimePatience, type RuntimeProgram, silenceOf, within } from "./runtime-program.ts";
import type { RuntimePrograms } from "./runtime-programs.ts";
import { SeccompFilters, withDistinctRules } from "./seccomp-filters.ts";
import { startFailure } from "./start-failure.ts";

export interface RuntimeParts {
  readonly programs: RuntimePrograms;
  /** Path of conmon. */
  readonly monitor: string;
  readonly places: MonitorPlaces;
  readonly groups: ControlGroups;
  readonly kernel: KernelPort;
  /** Milliseconds for a runtime's answer; a minute. */
  readonly patience?: number;
}

interface Launch {
  readonly id: string;
  readonly execId?: string;
  readonly place: MonitorPlace;
  readonly args: readonly string[];
  readonly keep: readonly number[];
  readonly tty: boolean;
  readonly stdin: StdinRules;
}

interface ExecProcess {
  /** The monitor waits for a first client before it lets the process start. */
  readonly attach: boolean;
  /** Nobody has anything to say to it. */
  readonly isMute: boolean;
  readonly isDetached: boolean;
  /** The first word of what is run. */
  readonly command: string;
}

const SIGKILL = 9;

/** An OCI runtime (crun or runc) below conmon. */
export class ConmonRuntime implements Runtime {
  readonly name: string;
  readonly version: string;
  readonly #parts: RuntimeParts;
  readonly #filters: SeccompFilters;
  readonly #patience: number;
  /** First processes that this daemon follows, by the container's id. */
  readonly #followed = new Map<string, ConmonProcess>();

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    this.#patience = parts.patience ?? runtimePatience;
    this.#filters = new SeccompFilters(parts.kernel);
    this.name = parts.programs.first.name;
    this.version = parts.programs.first.version;
  }

  async create(request: BundleRequest): Promise<MonitoredProcess> {
    const { id, tty } = request;
    const { places, kernel, programs, groups } = this.#parts;
    const program = programs.choose(id, request.runtime, { isRemappedTerminal: request.isRemapped === true && tty });
    const place = places.container(id);
    // Heard of where it is awaited, however early it fails.
    Promise.resolve(request.config).catch(() => undefined);
    await kernel.run("makeMonitorFolder", {
      folder: place.folder,
      exitFolder: "exit",
      files: { kept: String(request.keep.length) },
      groups: groups.monitorFolders(id),
    });
    const stdin = { open: request.openStdin, ends: request.stdinOnce && !tty };
    // As in exec(): the runtime would give the host's /dev/null to the root of a user namespace.
    const isMute = request.isRemapped === true && !request.openStdin && !tty;
    const args = monitorArguments({
      id,
      program,
      place,
      log: request.logPath === undefined ? "none" : `k8s-file:${request.logPath}`,
      tty,
      stdin: isMute ? { open: true, ends: true } : stdin,
    });
    const ready = this.#writeConfig(request, place, program);
    ready.catch(() => undefined);
    const launch: Launch = { id, place, args, keep: request.keep, tty, stdin };
    try {
      const monitor = await this.#spawn(launch, ready);
      const process = await this.#created(launch, monitor, await ready);
      if (isMute) await endInputOf(place);
      return process;
    } catch (error) {
      await this.delete(id);
      throw error;
    }
  }

  async start(id: string): Promise<void> {
    const failure = await runRuntime(this.#parts.programs.of(id), ["start", id], this.#patience);
    if (failure !== undefined) throw startFailure({ kind: "create", command: "" }, failure);
  }

  async exec(request: ExecRequest): Promise<MonitoredProcess> {
    const { containerId: id, execId, tty } = request;
    const { places, kernel, programs, groups } = this.#parts;
    const program = programs.of(id);
    const place = places.exec(id, execId);
    const files = { "process.json": processText(request.process) };
    await kernel.run("makeMonitorFolder", { folder: place.folder, exitFolder: "exit", files, groups: groups.monitorFolders(id, execId) });
    // Nobody's input is one that has ended, not the /dev/null that the monitor has open: the runtime gives descriptors 0 to 2 to the exec's user,
    // and that one is the host's.
    const isMute = !request.openStdin && !tty;
    const isDetached = request.detach === true;
    const stdin = { open: request.openStdin || isMute, ends: !tty };
    const attach = isMute || !isDetached;
    const exec = { id: execId, processFile: `${place.folder}/process.json`, attach };
    const args = monitorArguments({ id, program, place, log: "none", tty, stdin, exec });
    const launch: Launch = { id, execId, place, args, keep: [], tty, stdin };
    try {
      const monitor = await this.#spawn(launch, Promise.resolve());
      const process = { attach, isMute, isDetached, command: request.process.args[0] ?? "" };
      return await this.#executed(launch, monitor, process);
    } catch (error) {
      await this.#removeExec(launch);
      throw error;
    }
  }

  killAll(id: string, number: number): Promise<void> {
    return this.#parts.groups.signal(id, number);
  }

  pause(id: string): Promise<void> {
    return this.#parts.groups.freeze(id);
  }

  resume(id: string): Promise<void> {
    return this.#parts.groups.thaw(id);
  }

  /** The runtime reads the limits from a file of the container's own: it knows how each kernel wants them said, and in which order. */
  async update(id: string, limits: OciLimits, lifted: readonly LiftedLimit[]): Promise<void> {
    const { kernel, places, programs } = this.#parts;
    for (const limit of lifted) await this.#parts.groups.lift(id, limit);
    if (Object.keys(limits).length === 0) return;
    const file = `${places.container(id).folder}/limits.json`;
    await kernel.run("writeMonitorFile", file, JSON.stringify(limits));
    const program = programs.of(id);
    const said = await runRuntime(program, ["update", "--resources", file, id]);
    if (said !== undefined) throw fault("internal", `${program.name} could not set limits: ${said.trim()}`);
  }

  isPaused(id: string): Promise<boolean> {
    return this.#parts.groups.isFrozen(id);
  }

  processes(id: string): Promise<readonly number[]> {
    return this.#parts.groups.processes(id);
  }

  async adopt(id: string, options: AdoptOptions): Promise<MonitoredProcess | Exit | undefined> {
    const { kernel, places, groups } = this.#parts;
    const place = places.container(id);
    const line = await this.#takeLine(id, options.monitorPid);
    if (line !== undefined) {
      await this.#endUnstartedExecs(id);
      const stdin = { open: options.openStdin, ends: options.stdinOnce && !options.tty };
      const parts = { id, place, args: [], keep: [], tty: options.tty, stdin };
      return this.#process(parts, { pid: options.monitorPid, line, grouped: Promise.resolve() }, options.pid);
    }
    const written = await readExit(kernel, `${place.exitFolder}/${id}`);
    if (written !== undefined) return { ...written, oomKilled: await groups.oomKilled(id) };
    return this.#endOrphan(id, options.pid);
  }

  async delete(id: string): Promise<void> {
    const { kernel, places, programs, groups } = this.#parts;
    await groups.signal(id, SIGKILL);
    await groups.endMonitors(id);
    await this.#followed.get(id)?.settled();
    const failures = await Promise.all(programs.all.map(async (each) => ({ each, said: await deleteState(each, id, this.#patience) })));
    programs.forget(id);
    await groups.remove(id);
    await kernel.run("removeMonitorFolder", places.container(id).folder);
    groups.forget(id);
    for (const { each, said } of failures)
      if (said !== undefined) throw fault("internal", `${each.name} could not delete container ${id}: ${said}`);
  }

  async list(): Promise<readonly string[]> {
    const groups = await this.#parts.groups.list();
    return [...new Set([...groups, ...this.#parts.programs.all.flatMap(knownIds)])];
  }

  async reopenLog(id: string): Promise<void> {
    await this.#parts.kernel.run("writeMonitorFifo", this.#parts.places.container(id).control, "2 0 0\n");
  }

  async kept(id: string): Promise<readonly number[]> {
    const { kernel, places, groups } = this.#parts;
    const file = await kernel.run("readMonitorFile", `${places.container(id).folder}/kept`);
    const [monitorPid] = await groups.monitors(id);
    const pidfd = file === undefined || monitorPid === undefined ? undefined : openPidfd(monitorPid);
    if (file === undefined || pidfd === undefined) throw fault("not-found", `no monitor keeps anything for container ${id}`);
    const fds: number[] = [];
    try {
      for (let slot = 0; slot < Number(file.text); slot += 1) fds.push(getDescriptor(pidfd, slots.firstKept + slot));
      return fds;
    } catch (error) {
      for (const fd of fds) closeFd(fd);
      throw error;
    } finally {
      closeFd(pidfd);
    }
  }

  /** Gives the first word of what is run. */
  async #writeConfig(request: BundleRequest, place: MonitorPlace, program: RuntimeProgram): Promise<string> {
    const { kernel } = this.#parts;
    const planned = await request.config;
    await this.#parts.groups.settle(request.id, planned.linux.cgroupsPath);
    const config = program.takesFilter ? await this.#filters.apply(planned) : withDistinctRules(planned);
    await kernel.run("writeMonitorFile", `${place.folder}/config.json`, configText(config, request.rootfs));
    return planned.process.args[0] ?? "";
  }

  #spawn(launch: Launch, ready: Promise<unknown>): Promise<SpawnedMonitor> {
    const { kernel, monitor, groups } = this.#parts;
    return spawnMonitor(kernel, {
      program: monitor,
      args: launch.args,
      place: launch.place,
      keep: launch.keep,
      groups: groups.monitorFolders(launch.id, launch.execId),
      ready,
    });
  }

  async #created(launch: Launch, monitor: SpawnedMonitor, command: string): Promise<MonitoredProcess> {
    const report = await this.#report(launch, monitor);
    if (report.data > 0) return this.#process(launch, monitor, report.data);
    monitor.line[Symbol.dispose]();
    throw startFailure({ kind: "create", command }, report.message ?? "");
  }

  async #executed(launch: Launch, monitor: SpawnedMonitor, process: ExecProcess): Promise<MonitoredProcess> {
    const { attach, isDetached, command } = process;
    const early = attach ? await this.#attachEarly(launch, monitor, process) : undefined;
    const report = await this.#report(launch, monitor);
    if (isDetached || report.data <= 0) early?.close();
    if (report.data > 0) return this.#process(launch, monitor, report.data, isDetached ? undefined : early);
    monitor.line[Symbol.dispose]();
    throw startFailure({ kind: "exec", command }, report.message ?? "");
  }

  /** The monitor's first word. A monitor that ends without one left the runtime's in a file, or its own. */
  async #report({ id, execId, place }: Launch, monitor: SpawnedMonitor): Promise<MonitorReport> {
    try {
      const report = await within(Promise.all([monitor.line.next(), monitor.grouped]), this.#patience);
      if (report !== undefined) return report[0];
      const command = execId === undefined ? "create" : "exec";
      return { data: -1, message: silenceOf(this.#parts.programs.of(id), command, this.#patience) };
    } catch (error) {
      const { kernel } = this.#parts;
      const files = await Promise.all([place.runtimeLog, place.log].map((path) => kernel.run("readMonitorFile", path)));
      const message = files.map((file) => file?.text.trim()).find((text) => text !== undefined && text !== "");
      if (message === undefined) throw error;
      return { data: -1, message };
    }
  }

  /** Connects before the process starts, so that the first attachment has everything from the first byte. */
  async #attachEarly(launch: Launch, monitor: SpawnedMonitor, { isMute, command }: ExecProcess): Promise<AttachConnection> {
    const ready = await this.#report(launch, monitor);
    if (ready.data < 0) throw startFailure({ kind: "exec", command }, ready.message ?? "");
    const connection = await AttachConnection.open(launch.place.socket, launch.stdin);
    if (isMute) connection.endInput();
    monitor.line.proceed();
    return connection;
  }

  #process(launch: Launch, monitor: SpawnedMonitor, pid: number, early?: AttachConnection): ConmonProcess {
    const { kernel, groups } = this.#parts;
    const { id, execId, place, tty, stdin } = launch;
    const process = new ConmonProcess({
      kernel,
      pid,
      monitorPid: monitor.pid,
      exitFile: `${place.exitFolder}/${id}`,
      socket: place.socket,
      control: place.control,
      stdin,
      tty,
      line: monitor.line,
      early,
      oomKilled: () => groups.oomKilled(id),
      orphaned: () => (execId === undefined ? groups.signal(id, SIGKILL) : Promise.resolve()),
      ended: () => (execId === undefined ? Promise.resolve() : this.#removeExec(launch)),
    });
    if (execId === undefined) this.#follow(id, process);
    return process;
  }

  #follow(id: string, process: ConmonProcess): void {
    this.#followed.set(id, process);
    void process.settled().then(() => {
      if (this.#followed.get(id) === process) this.#followed.delete(id);
    });
  }

  async #removeExec({ id, execId, place }: Launch): Promise<void> {
    if (execId === undefined) return;
    const { kernel, groups } = this.#parts;
    await groups.removeExec(id, execId);
    await kernel.run("removeMonitorFolder", place.folder);
  }

  /** Execs that wait for a daemon that is dead: their processes never started, and nobody will let them. */
  async #endUnstartedExecs(id: string): Promise<void> {
    const { kernel, groups, places } = this.#parts;
    for (const execId of await groups.execs(id)) {
      const { folder } = places.exec(id, execId);
      if ((await kernel.run("readMonitorFile", `${folder}/pid`)) !== undefined) continue;
      await groups.removeExec(id, execId);
      await kernel.run("removeMonitorFolder", folder);
    }
  }

  /** Our end of the line to a monitor that still runs and is this container's: its group says so, a number alone would not. */
  async #takeLine(id: string, monitorPid: number): Promise<MonitorLine | undefined> {
    const pidfd = openPidfd(monitorPid);
    if (pidfd === undefined) return undefined;
    try {
      const monitors = await this.#parts.groups.monitors(id);
      return monitors.includes(monitorPid) ? await MonitorLine.over(getDescriptor(pidfd, slots.line)) : undefined;
    } catch (error) {
      // It ended between the two questions.
      if (hasCode(error, "ESRCH", "EBADF")) return undefined;
      throw error;
    } finally {
      closeFd(pidfd);
    }
  }

  /** A container whose monitor died with the daemon away: nobody reads its output, so it is ended. */
  async #endOrphan(id: string, pid: number): Promise<Exit | undefined> {
    const { kernel, groups } = this.#parts;
    if (!(await groups.processes(id)).includes(pid)) return undefined;
    const pidfd = openPidfd(pid);
    const oomKilled = await groups.oomKilled(id);
    await groups.signal(id, SIGKILL);
    try {
      const code = pidfd === undefined ? undefined : await exitCodeWithin(kernel, pidfd);
      return { code: code ?? 255, at: now(), oomKilled };
    } finally {
      if (pidfd !== undefined) closeFd(pidfd);
    }
  }
}

/** Before anything runs: whoever reads finds the end. */
async function endInputOf({ socket }: MonitorPlace): Promise<void> {
  const connection = await AttachConnection.open(socket, { open: true, ends: true });
  connection.endInput();
  connection.close();
}
