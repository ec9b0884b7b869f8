import type { AppArmor } from "./app-armor.ts";
import type { MachineLimits } from "./machine-limits.ts";
import type { OciDevice } from "./runtime.ts";

/** What a plan must know of the machine and of the daemon's own rights; read once at start. */
export interface MachineFacts {
  readonly hostname: string;
  readonly architecture: "x64" | "arm64";
  /** "6.1.0-9-amd64"; absent counts as newer than anything asks for. */
  readonly kernelRelease?: string;
  readonly cgroupVersion: 1 | 2;
  /** The daemon's bounding set, by name, in the order of the kernel's numbers: no container gets more. */
  readonly capabilities: readonly string[];
  /** Hard limits of the daemon. Infinity is none. */
  readonly limits: { readonly nofile: number; readonly nproc: number };
  /** How many threads the kernel takes altogether. */
  readonly mostThreads?: number;
  /** False without CAP_SYS_RESOURCE: hard limits can then only be lowered. */
  readonly raisesLimits: boolean;
  /** What control groups can do here. */
  readonly enforces: MachineLimits;
  /** False where the kernel does not account swap: a limit on it would be refused. */
  readonly swapLimit: boolean;
  /** Per-CPU paths that tell of the machine's heat, as far as they are there. */
  readonly thermalPaths: readonly string[];
  /** Device nodes of the host, for privileged containers. */
  readonly devices: readonly OciDevice[];
  /** Absent where the kernel has no AppArmor. */
  readonly appArmor?: AppArmor;
}
