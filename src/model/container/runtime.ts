import type { LiftedLimit } from "./limit-plan.ts";
import type { OciLimits, OciResources } from "./oci-resources.ts";
import type { OciSeccomp } from "./seccomp.ts";
import type { Exit } from "./state.ts";
import type { Attachment, TerminalSize } from "./streams.ts";

/**
 * A process under a monitor: a container's init or an exec. Holding one keeps descriptors (pidfds, attach connection);
 * disposing lets go of them and leaves process and monitor running.
 */
export interface MonitoredProcess extends AsyncDisposable {
  /** As the host numbers it. */
  readonly pid: number;
  readonly monitorPid: number;
  /** Resolves once, with the truth in the order exit file, pidfd, 255; never rejects. */
  readonly exited: Promise<Exit>;
  /** @throws conflict when the process is gone */
  attach(): Promise<Attachment>;
  /** Sends a signal by number to this process alone, through its pidfd. A process that is gone is no error. */
  signal(number: number): Promise<void>;
  /** Terminals only. */
  resize(size: TerminalSize): Promise<void>;
}

/** What a create needs beside the plan: places and descriptors that the engine holds. */
export interface BundleRequest {
  readonly id: string;
  /**
   * The OCI runtime configuration (runtime-spec config.md), complete but for root.path. While it is still being made, the monitor comes up;
   * when it rejects, so does the create.
   */
  readonly config: OciConfig | Promise<OciConfig>;
  /** Mounted root, on the host, until the runtime has created the container. */
  readonly rootfs: string;
  /** Folder of the container in the data root: config.json goes here. */
  readonly folder: string;
  /** The k8s-file log that the monitor appends to; absent keeps none. */
  readonly logPath?: string;
  /** Which of the known runtimes; the default one where it is absent. */
  readonly runtime?: string;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
  /** Its users are not the host's: it has a user namespace. */
  readonly isRemapped?: boolean;
  /** Descriptors handed to the monitor to keep (network namespace first). Stay open for the caller. */
  readonly keep: readonly number[];
}

/** What to run inside a live container. */
export interface ExecRequest {
  readonly containerId: string;
  readonly execId: string;
  readonly process: OciProcess;
  readonly tty: boolean;
  readonly openStdin: boolean;
  /**
   * True when nobody will attach. Else the first `attach` has everything from the first byte, and it must come: until
   * it reads, a process that writes much waits.
   */
  readonly detach?: boolean;
}

/**
 * Starts and finds containers: an OCI runtime below a monitor.
 *
 * `create` returns when the runtime has created the container and its init waits; rootfs may be unmounted from then on.
 * When it throws, nothing is left behind: no process, cgroup, or bundle state. `start` lets init run the workload.
 * `adopt` finds a monitor of an earlier daemon: the process, or the exit that happened meanwhile, or undefined when there is
 * no trace of either. `exec` returns when the process exists; an attachment made right after it misses nothing of the output
 * (the monitor is attached before the process may write). `list` gives every id that monitor or runtime left a trace of,
 * for finding debris. `delete` removes what runtime and monitor left (idempotent; kills what still lives).
 */
export interface Runtime {
  readonly name: string;
  readonly version: string;
  create(request: BundleRequest): Promise<MonitoredProcess>;
  /** @throws invalid with Docker's text and exit code 126 or 127 where the command cannot be run */
  start(id: string): Promise<void>;
  exec(request: ExecRequest): Promise<MonitoredProcess>;
  /** Signals every process of the container. SIGKILL ends frozen ones too. */
  killAll(id: string, number: number): Promise<void>;
  /**
   * Freezes every process of the container and those that it makes; resolves when all stand still. Outlives the engine.
   * @throws internal when some go on for a second: then none is frozen
   */
  pause(id: string): Promise<void>;
  /** Lets frozen processes go on; idempotent, also for a container that is gone. */
  resume(id: string): Promise<void>;
  /** Sets limits of a container that runs and takes the lifted ones away; those that are not named stay. @throws internal with the runtime's words, or the kernel's */
  update(id: string, limits: OciLimits, lifted: readonly LiftedLimit[]): Promise<void>;
  /** Whether all its processes stand still. */
  isPaused(id: string): Promise<boolean>;
  /** Its processes, as the host numbers them; none when it is gone. */
  processes(id: string): Promise<readonly number[]>;
  adopt(id: string, options: AdoptOptions): Promise<MonitoredProcess | Exit | undefined>;
  delete(id: string): Promise<void>;
  list(): Promise<readonly string[]>;
  /** Tells the monitor that the log was renamed away. */
  reopenLog(id: string): Promise<void>;
  /** What monitors keep for this container: fresh descriptors, in the order of `keep`. */
  kept(id: string): Promise<readonly number[]>;
}

export interface AdoptOptions {
  readonly pid: number;
  readonly monitorPid: number;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
}

/** The command could not be run; `code` is what Docker reports for it (126, 127, 128). */
export interface StartFailure {
  readonly message: string;
  readonly code: 126 | 127 | 128;
}

/** runtime-spec config.md, as far as it is written by this engine. */
export interface OciConfig {
  readonly ociVersion: string;
  readonly process: OciProcess;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly mounts: readonly OciMount[];
  readonly linux: OciLinux;
  /** By the moment that they are run at, on the host and as root. */
  readonly hooks?: Readonly<Record<string, readonly OciHook[]>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface OciHook {
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  /** Seconds. */
  readonly timeout?: number;
}

export interface OciProcess {
  readonly terminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities?: OciCapabilities;
  readonly rlimits?: readonly { readonly type: string; readonly soft: number; readonly hard: number }[];
  readonly noNewPrivileges: boolean;
  readonly oomScoreAdj?: number;
  readonly apparmorProfile?: string;
}

export interface OciCapabilities {
  readonly bounding: readonly string[];
  readonly effective: readonly string[];
  readonly permitted: readonly string[];
  readonly inheritable?: readonly string[];
  readonly ambient?: readonly string[];
}

export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface OciNamespace {
  readonly type: "pid" | "network" | "mount" | "ipc" | "uts" | "user" | "cgroup";
  readonly path?: string;
}

export interface OciIdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

export interface OciDeviceRule {
  readonly allow: boolean;
  readonly type?: "a" | "b" | "c";
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

export interface OciDevice {
  readonly path: string;
  readonly type: "b" | "c" | "p";
  readonly major: number;
  readonly minor: number;
  readonly fileMode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface OciLinux {
  readonly namespaces: readonly OciNamespace[];
  /** Beside the path of a namespace they say what it maps. */
  readonly uidMappings?: readonly OciIdMapping[];
  readonly gidMappings?: readonly OciIdMapping[];
  readonly cgroupsPath: string;
  readonly resources: OciResources;
  readonly devices?: readonly OciDevice[];
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly seccomp?: OciSeccomp;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly rootfsPropagation?: string;
}
