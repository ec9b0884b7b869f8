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
  | { readonly status: "exited"; readonly exit: Exit; readonly startedAt: Instant; readonly error?: string }
  | { readonly status: "removing" };

export type Change =
  | { readonly type: "start-intended" }
  | { readonly type: "started"; readonly pid: number; readonly monitorPid: number; readonly at: Instant }
  | { readonly type: "start-failed"; readonly message: string; readonly code: number; readonly at: Instant }
  | { readonly type: "paused" }
  | { readonly type: "unpaused" }
  | { readonly type: "stop-requested" }
  | { readonly type: "exited"; readonly exit: Exit }
  | { readonly type: "remove-intended" };

/** The next state, or a refusal. Pure: the caller saves it and acts on it. @throws conflict, not-modified */
export function apply(state: State, change: Change): State {
  switch (change.type) {
    case "start-intended":
      if (state.status === "paused") throw fault("conflict", "cannot start a paused container, try unpause instead");
      if (state.status === "running" || state.status === "starting") throw fault("not-modified", "container is already running");
      if (state.status === "removing") throw fault("conflict", "container is marked for removal and cannot be started");
      return { status: "starting", ...(state.status === "exited" && { startedAt: state.startedAt }) };
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
      return { status: "exited", exit: change.exit, startedAt: state.startedAt };
    case "remove-intended":
      if (isLive(state)) throw fault("conflict", "container is running");
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

/** True while its workload is there, frozen or not. */
export function isUp(state: State): state is Extract<State, { readonly pid: number }> {
  return state.status === "running" || state.status === "paused";
}
