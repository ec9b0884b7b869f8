import { fault, shortId } from "#base";
import type { ContainerImage } from "./container.ts";
import { appArmorProfileOf } from "./app-armor.ts";
import { planCapabilities } from "./capabilities.ts";
import { argumentsOf, environmentOf, variableName } from "./effective.ts";
import type { MachineFacts } from "./machine.ts";
import { planUlimits } from "./ulimits.ts";
import type { UserLookup } from "./rootfs-store.ts";
import type { OciProcess } from "./runtime.ts";
import type { ContainerSpec } from "./spec.ts";
import type { TerminalSize } from "./streams.ts";

/** What a plan reads of a container; a whole `Container` fits. */
export interface PlannedContainer {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly image: ContainerImage;
}

export interface ExecPlanOptions {
  readonly container: PlannedContainer;
  readonly exec: {
    readonly command: readonly string[];
    readonly env: readonly string[];
    /** "" is the container's own. */
    readonly workingDir: string;
    readonly tty: boolean;
    readonly privileged: boolean;
    readonly size?: TerminalSize;
  };
  readonly user: UserLookup;
  readonly machine: MachineFacts;
}

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The name the container sees as its own: asked for, the host's in the host's network, else the short id. */
export function hostnameOf(container: PlannedContainer, machine: MachineFacts): string {
  if (container.spec.hostname !== "") return container.spec.hostname;
  return container.spec.host.network === "host" ? machine.hostname : shortId(container.id);
}

/** Where the first process starts. */
export function workingDirOf(spec: ContainerSpec, image: ContainerImage): string {
  const path = spec.workingDir ?? "";
  return path !== "" ? path : image.config.workingDir !== "" ? image.config.workingDir : "/";
}

/** The container's first process. @throws invalid as `planCapabilities` and `planUlimits` */
export function planInitProcess(container: PlannedContainer, user: UserLookup, machine: MachineFacts): OciProcess {
  const { spec, image } = container;
  const args = argumentsOf(spec, image);
  if (args.length === 0) throw fault("invalid", "no command specified");
  return planProcess({
    container,
    user,
    machine,
    args,
    env: environment(container, machine, spec.tty, []),
    cwd: workingDirOf(spec, image),
    tty: spec.tty,
    privileged: spec.host.privileged,
  });
}

/** A further process in a live container: its variables, limits and rights as the first one's, `privileged` for all of the daemon's. */
export function planExecProcess(options: ExecPlanOptions): OciProcess {
  const { container, exec, user, machine } = options;
  if (exec.command.length === 0) throw fault("invalid", "no exec command specified");
  const size = exec.size;
  return {
    ...planProcess({
      container,
      user,
      machine,
      args: exec.command,
      env: environment(container, machine, exec.tty, exec.env),
      cwd: exec.workingDir === "" ? workingDirOf(container.spec, container.image) : exec.workingDir,
      tty: exec.tty,
      privileged: exec.privileged || container.spec.host.privileged,
    }),
    ...(exec.tty && size !== undefined && { consoleSize: { height: size.rows, width: size.columns } }),
  };
}

interface ProcessPlan {
  readonly container: PlannedContainer;
  readonly user: UserLookup;
  readonly machine: MachineFacts;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly tty: boolean;
  readonly privileged: boolean;
}

function planProcess(plan: ProcessPlan): OciProcess {
  const { user, machine } = plan;
  const { capAdd, capDrop, ulimits } = plan.container.spec.host;
  const set = planCapabilities({ privileged: plan.privileged, capAdd, capDrop }, machine.capabilities);
  // A user that is not root keeps only the bounding set: what it may regain by a file's capabilities, never at once.
  const held = user.uid === 0 ? set : [];
  return {
    terminal: plan.tty,
    user: { uid: user.uid, gid: user.gid, additionalGids: [...new Set([user.gid, ...user.additionalGids])] },
    args: plan.args,
    env: plan.env.some((entry) => entry.startsWith("HOME=")) ? plan.env : [...plan.env, `HOME=${user.home}`],
    cwd: plan.cwd,
    capabilities: { bounding: set, effective: held, permitted: held, inheritable: [], ambient: [] },
    rlimits: planUlimits(ulimits, machine),
    noNewPrivileges: plan.container.spec.host.noNewPrivileges ?? false,
    oomScoreAdj: plan.container.spec.host.oomScoreAdj ?? 0,
    ...(machine.appArmor !== undefined && { apparmorProfile: appArmorProfileOf(plan.container.spec.host, machine.appArmor) }),
  };
}

function environment(container: PlannedContainer, machine: MachineFacts, tty: boolean, last: readonly string[]): readonly string[] {
  const base = [defaultPath, `HOSTNAME=${hostnameOf(container, machine)}`, ...(tty ? ["TERM=xterm"] : [])];
  return override(override(base, environmentOf(container.spec, container.image)), last);
}

/** Later entries win in place; one without "=" takes the variable out. */
function override(base: readonly string[], entries: readonly string[]): readonly string[] {
  const variables = new Map(base.map((entry) => [variableName(entry), entry]));
  for (const entry of entries) {
    if (entry.includes("=")) variables.set(variableName(entry), entry);
    else variables.delete(entry);
  }
  return [...variables.values()];
}
