import { mkdirSync, readFileSync } from "node:fs";
import { fault } from "#base";
import type { Meter, Runtime } from "#container";
import { type KernelPort, readCgroupLayout, sealProgram } from "#linux";
import { CgroupMeter } from "./cgroup-meter.ts";
import { ConmonRuntime } from "./conmon-runtime.ts";
import { ControlGroups } from "./control-groups.ts";
import { MonitorPlaces } from "./places.ts";
import { findProgram, programEnvironment } from "./programs.ts";
import type { RuntimeProgram } from "./runtime-program.ts";
import { type RegisteredRuntime, RuntimePrograms } from "./runtime-programs.ts";

type RuntimeName = "crun" | "runc";

export interface RuntimeOptions {
  /** Run directory of the daemon; short, since sockets lie below it. */
  readonly runRoot: string;
  /** Path below the cgroup mounts: /gantry. */
  readonly cgroupParent: string;
  readonly kernel: KernelPort;
  /** Taken if it is there and takes this host. */
  readonly preferred?: RuntimeName;
  /** Milliseconds for a runtime's answer; a minute. */
  readonly patience?: number;
}

/** A runtime, and why it is not the preferred one. */
export interface OpenedRuntime {
  readonly runtime: Runtime;
  readonly meter: Meter;
  /** Every name that a container may say. */
  readonly names: RuntimeNames;
  readonly warnings: readonly string[];
}

/** Runtimes by name, as `info` tells of them. */
export interface RuntimeNames {
  list(): Readonly<Record<string, { readonly path: string; readonly version: string; readonly runtimeArgs: readonly string[] }>>;
  /** @throws invalid for a program that anybody but root may write; nothing is changed then */
  register(registered: Readonly<Record<string, RegisteredRuntime>>): void;
}

/** As `chooseRuntime`, without its reasons. */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  return (await chooseRuntime(options)).runtime;
}

/**
 * Opens the preferred runtime (crun when none is named), else the other one, and says why.
 * @throws unavailable when neither can be used or the monitor is missing
 */
export async function chooseRuntime(options: RuntimeOptions): Promise<OpenedRuntime> {
  const monitor = findProgram("conmon");
  if (monitor === undefined) throw fault("unavailable", "conmon is not installed: containers have no monitor");
  const places = new MonitorPlaces(options.runRoot);
  mkdirSync(places.monitors, { recursive: true, mode: 0o700 });
  const names: readonly RuntimeName[] = options.preferred === "runc" ? ["runc", "crun"] : ["crun", "runc"];
  const { kernel } = options;
  // Monitors and runtimes of a daemon that was killed between their spawn and their groups: no group names them.
  const words = [`--exit-dir=${places.monitors}/`, ...names.map((name) => `--root=${places.runtimeRoot(name)}`)];
  const strays = kernel.run("endUngrouped", words, [`${options.cgroupParent}/c`, `${options.cgroupParent}/m`]);
  const [found] = await Promise.all([Promise.all(names.map((name) => probe(name, places))), strays]);
  const usable = found.filter(isUsable);
  const [program] = usable;
  const reasons = found.filter((program) => "reason" in program).map(({ name, reason }) => `${name} is not used: ${reason}`);
  if (program === undefined) throw fault("unavailable", `no OCI runtime can be used: ${reasons.join("; ")}`);
  const groups = new ControlGroups(kernel, options.cgroupParent, places);
  const programs = new RuntimePrograms(places, usable);
  const runtime = new ConmonRuntime({
    programs,
    monitor,
    places,
    groups,
    kernel,
    ...(options.patience !== undefined && { patience: options.patience }),
  });
  return { runtime, meter: new CgroupMeter(kernel, groups), names: namesOf(programs), warnings: program.name === names[0] ? [] : reasons };
}

function namesOf(programs: RuntimePrograms): RuntimeNames {
  return {
    list: () =>
      Object.fromEntries(
        [...programs.named].map(([name, { path, version, args, isRegistered }]) => [
          name,
          { path, version, runtimeArgs: isRegistered ? args.slice(1) : [] },
        ]),
      ),
    register: (registered) => programs.register(registered),
  };
}

interface Refusal {
  readonly name: RuntimeName;
  readonly reason: string;
}

function isUsable(found: RuntimeProgram | Refusal): found is RuntimeProgram {
  return !("reason" in found);
}

async function probe(name: RuntimeName, places: MonitorPlaces): Promise<RuntimeProgram | Refusal> {
  const path = findProgram(name);
  if (path === undefined) return { name, reason: "it is not installed" };
  const refusal = name === "crun" ? crunRefusal() : undefined;
  if (refusal !== undefined) return { name, reason: refusal };
  const child = Bun.spawn([path, "--version"], { cwd: "/", env: programEnvironment("/"), stdio: ["ignore", "pipe", "ignore"] });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) return { name, reason: `${path} --version failed` };
  const version = /version (\S+)/.exec(text)?.[1] ?? "unknown";
  const root = places.runtimeRoot(name);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  return {
    name,
    version,
    path,
    run: sealProgram(path),
    root,
    takesFilter: name === "crun",
    isRegistered: false,
    args: [`--root=${root}`, ...(name === "crun" ? ["--cgroup-manager=cgroupfs"] : [])],
  };
}

/** crun refuses version 1 with a controller on version 2 beside it. */
function crunRefusal(): string | undefined {
  const { version, unified } = readCgroupLayout();
  if (version === 2 || unified === undefined) return undefined;
  const controllers = readFileSync(`${unified}/cgroup.controllers`, "utf8").trim();
  return controllers === "" ? undefined : `it refuses cgroup v1 with controllers on v2 beside it (${controllers})`;
}
