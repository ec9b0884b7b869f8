// The closed set of calls that run in a kernel worker: whatever touches a path or a mount, or enters a namespace.
// Each is a plain function with structured-cloneable arguments and result; add a family here and it is callable through `Kernel.run`.
import { cgroupCalls } from "./cgroup-calls.ts";
import { copyCalls } from "./copy-tree.ts";
import { freezerCalls } from "./freezer-calls.ts";
import { hostPathCalls } from "./host-path-calls.ts";
import { monitorCalls } from "./monitor-calls.ts";
import { conntrackCalls } from "./conntrack.ts";
import type { KernelFailure } from "./kernel-failure.ts";
import { linkCalls } from "./link-calls.ts";
import { mappedMountCalls } from "./mapped-mounts.ts";
import { mountCalls } from "./mount-calls.ts";
import { nftCalls } from "./nft-calls.ts";
import { portUserCalls } from "./port-users.ts";
import { projectQuotaCalls } from "./project-quota.ts";
import { rootfsCalls } from "./rootfs-calls.ts";
import { sealedCalls } from "./mount-sealed.ts";
import { compileSeccomp } from "./seccomp-filter.ts";
import { specFolderCalls } from "./spec-folder-calls.ts";
import { usageCalls } from "./usage-calls.ts";
import { trashCalls } from "./trash-calls.ts";
import { shownSourceCalls } from "./shown-source-calls.ts";
import { volumeCalls } from "./volume-calls.ts";

export const kernelCalls = {
  /** The worker's thread id; for tests and for telling workers apart. */
  ping: (): number => process.pid,
  compileSeccomp,
  ...cgroupCalls,
  ...copyCalls,
  ...freezerCalls,
  ...hostPathCalls,
  ...monitorCalls,
  ...conntrackCalls,
  ...linkCalls,
  ...mappedMountCalls,
  ...mountCalls,
  ...nftCalls,
  ...portUserCalls,
  ...projectQuotaCalls,
  ...rootfsCalls,
  ...sealedCalls,
  ...specFolderCalls,
  ...shownSourceCalls,
  ...trashCalls,
  ...usageCalls,
  ...volumeCalls,
};

export type KernelCalls = typeof kernelCalls;
export type KernelCallName = keyof KernelCalls;

/** Calls that a worker runs, by name: plain functions with structured-cloneable arguments and result. */
export type CallTable = Readonly<Record<string, (...args: never[]) => unknown>>;

export interface KernelRequest {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

export type KernelReply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly failure: KernelFailure };
