import { describe, expect, test } from "bun:test";
import { EngineError } from "#base";
import { apply, type Change, isLive, type State } from "./state.ts";

const running: State = { status: "running", pid: 7, monitorPid: 6, startedAt: 5n, stopRequested: false };
const exit = { code: 3, at: 9n, oomKilled: false };

function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof EngineError ? error.fault : String(error);
  }
  return "none";
}

describe("apply()", () => {
  test("leads from created over starting and running to exited", () => {
    const changes: readonly Change[] = [
      { type: "start-intended" },
      { type: "started", pid: 7, monitorPid: 6, at: 5n },
      { type: "exited", exit },
    ];
    expect(changes.reduce(apply, { status: "created" } as State)).toEqual({ status: "exited", exit, startedAt: 5n });
  });

  test("refuses to start what runs, as not modified", () => {
    expect(faultOf(() => apply(running, { type: "start-intended" }))).toBe("not-modified");
  });

  test("refuses to start or remove against the state's sense, as conflict", () => {
    expect(faultOf(() => apply({ status: "removing" }, { type: "start-intended" }))).toBe("conflict");
    expect(faultOf(() => apply(running, { type: "remove-intended" }))).toBe("conflict");
  });

  test("keeps the time of an earlier run when a later start fails", () => {
    const starting = apply({ status: "exited", exit, startedAt: 5n }, { type: "start-intended" });
    expect(apply(starting, { type: "start-failed", message: "no such file", code: 127, at: 11n })).toEqual({
      status: "exited",
      exit: { code: 127, at: 11n, oomKilled: false },
      startedAt: 5n,
      error: "no such file",
    });
  });

  test("takes a failed first start back to created, with the reason", () => {
    expect(apply({ status: "starting" }, { type: "start-failed", message: "no such file", code: 127, at: 1n })).toEqual({
      status: "created",
      error: "no such file",
      code: 127,
    });
  });

  test("pauses what runs, and an exit ends that too", () => {
    const paused = apply(running, { type: "paused" });
    expect(paused).toEqual({ ...running, status: "paused" });
    expect(apply(paused, { type: "unpaused" })).toEqual(running);
    expect(apply(paused, { type: "stop-requested" })).toEqual({ ...running, status: "paused", stopRequested: true });
    expect(apply(paused, { type: "exited", exit })).toEqual({ status: "exited", exit, startedAt: 5n });
    expect(faultOf(() => apply(paused, { type: "start-intended" }))).toBe("conflict");
    expect(faultOf(() => apply(paused, { type: "remove-intended" }))).toBe("conflict");
    expect(faultOf(() => apply({ status: "created" }, { type: "paused" }))).toBe("conflict");
  });

  test("never invents an exit for what does not run", () => {
    for (const state of [{ status: "created" }, { status: "removing" }] satisfies State[]) {
      expect(apply(state, { type: "exited", exit })).toBe(state);
    }
  });
});

test("isLive() holds from the intent to start until the exit", () => {
  expect([{ status: "created" } as State, { status: "starting" } as State, running].map(isLive)).toEqual([false, true, true]);
});
