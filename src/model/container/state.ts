import { fault, type Instant } from "#base";

/** How a process ended. `code` is 0-255, 128 + n for signal n, 255 when nobody could tell. */
export interface Exit {
  readonly code: number;
  readonly at: Instant;
  readonly oomKilled: boolean;
}

export type State =
  | { readonly status: "created"; readonly error?: string; readonly code?: number }
  | { readonly status: "starting"; readonly startedAt?: Instant }
  | {
      /** Paused: its processes are frozen, or are just about to be. */
      readonly status: "running" | "paused";
      readonly pid: number;
      readonly startedAt: Instant;
      readonly monitorPid: number;
      readonly stopRequested: boolean;
    }
  | {
      readonly status: "exited";
      readonly exit: Exit;
      readonly startedAt: Instant;
      readonly error?: string;
      /** Somebody asked for the end. */
      readonly stopRequested?: true;
    }
  /** Ended by itself, and to be started again in a moment: for clients it runs. */
  | { readonly status: "restarting"; readonly exit: Exit; readonly startedAt: Instant }
  | { readonly status: "removing" };

export type Change =
  | { readonly type: "start-intended" }
  | { readonly type: "started"; readonly pid: number; readonly monitorPid: number; readonly at: Instant }
  | { readonly type: "start-failed"; readonly message: string; readonly code: number; readonly at: Instant }
  | { readonly type: "paused" }
  | { readonly type: "unpaused" }
  | { readonly type: "stop-requested" }
  | { readonly type: "exited"; readonly exit: Exit; readonly restarts?: boolean }
  | { readonly type: "restart-intended" }
  | { readonly type: "restart-cancelled" }
  | { readonly type: "remove-intended" };

/** The next state, or a refusal. Pure: the caller saves it and acts on it. @throws conflict, not-modified */
export function apply(state: State, change: Change): State {
  switch (change.type) {
    case "start-intended":
      if (state.status === "paused") throw fault("conflict", "cannot start a paused container, try unpause instead");
      if (["running", "starting", "restarting"].includes(state.status)) throw fault("not-modified", "container is already running");
      if (state.status === "removing") throw fault("conflict", "container is marked for removal and cannot be started");
      return { status: "starting", ...(state.status === "exited" && { startedAt: state.startedAt }) };
    case "restart-intended":
      if (state.status !== "restarting" && state.status !== "exited") throw fault("conflict", `container is ${state.status}`);
      return { status: "starting", startedAt: state.startedAt };
    case "restart-cancelled":
      if (state.status !== "restarting") return state;
      return { status: "exited", exit: state.exit, startedAt: state.startedAt, stopRequested: true };
    case "started":
      return { status: "running", pid: change.pid, monitorPid: change.monitorPid, startedAt: change.at, stopRequested: false };
    case "start-failed":
      if (state.status === "starting" && state.startedAt !== undefined) {
        const exit = { code: change.code, at: change.at, oomKilled: false };
        return { status: "exited", exit, startedAt: state.startedAt, error: change.message };
      }
      return { status: "created", error: change.message, code: change.code };
    case "paused":
      if (!isUp(state)) throw fault("conflict", "container is not running");
      return { ...state, status: "paused" };
    case "unpaused":
      return isUp(state) ? { ...state, status: "running" } : state;
    case "stop-requested":
      return isUp(state) ? { ...state, stopRequested: true } : state;
    case "exited":
      if (!isUp(state)) return state;
      if (change.restarts === true) return { status: "restarting", exit: change.exit, startedAt: state.startedAt };
      return {
        status: "exited",
        exit: change.exit,
        startedAt: state.startedAt,
        ...(state.stopRequested && { stopRequested: true }),
      };
    case "remove-intended":
      if (isActive(state)) throw fault("conflict", "container is running");
      return { status: "removing" };
    default:
      return change satisfies never;
  }
}

/** Docker's word for a state; one on its way to running is what it was before. */
export function shownStatus(state: State): string {
  if (state.status !== "starting") return state.status;
  return state.startedAt === undefined ? "created" : "exited";
}

/** True while the container has a process. */
export function isLive(state: State): boolean {
  return isUp(state) || state.status === "starting";
}

/** True while it runs as far as clients are concerned: also while it is about to be started again. */
export function isActive(state: State): boolean {
  return isLive(state) || state.status === "restarting";
}

/** True while its workload is there, frozen or not. */
export function isUp(state: State): state is Extract<State, { readonly pid: number }> {
  return state.status === "running" || state.status === "paused";
}
