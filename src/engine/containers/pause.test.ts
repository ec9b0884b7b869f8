import { describe, expect, test } from "bun:test";
import type { State } from "#container";
import { containerOf } from "../../../test/support/containers.ts";
import { MemoryTable } from "../../../test/support/memory-table.ts";
import { pauseContainer, unpauseContainer } from "./pause.ts";
import { Roster } from "./roster.ts";

const up = { status: "running", pid: 1, monitorPid: 2, startedAt: 3n, stopRequested: false } as const;

interface Bench {
  readonly needs: Parameters<typeof pauseContainer>[0];
  readonly roster: Roster;
  /** What was done, in order; a call of the runtime with the state that the roster told at that moment. */
  readonly done: string[];
}

async function open(state: State, pause: (roster: Roster) => Promise<void> = async () => undefined): Promise<Bench> {
  const roster = new Roster(new MemoryTable());
  const container = containerOf({ id: "a", state });
  roster.reserve(container);
  await roster.add(container);
  const done: string[] = [];
  const note = (what: string): void => void done.push(`${what} ${roster.get("a")?.state.status}`);
  const runtime = {
    pause: async () => {
      note("freeze");
      await pause(roster);
    },
    resume: async () => note("thaw"),
  };
  const announcer = { announce: ({ action }: { readonly action: string }) => void done.push(action) };
  return { needs: { roster, runtime, announcer } as unknown as Bench["needs"], roster, done };
}

async function refusal(needs: Bench["needs"]): Promise<string> {
  return await pauseContainer(needs, "a").then(
    () => "none",
    (error: Error) => error.message,
  );
}

describe("pauseContainer()", () => {
  test("says so before anything is frozen, and announces it afterwards", async () => {
    const { needs, done } = await open(up);
    await pauseContainer(needs, "a");
    expect(done).toEqual(["freeze paused", "pause"]);
  });

  test("takes its word back when the processes cannot be frozen", async () => {
    const { needs, roster, done } = await open(up, () => Promise.reject(new Error("restless")));
    expect(await refusal(needs)).toBe("cannot pause container a: restless");
    expect([done, roster.get("a")?.state.status]).toEqual([["freeze paused"], "running"]);
  });

  test("lets go of a container that was killed while it was being frozen", async () => {
    const { needs, roster, done } = await open(up, async (held) => void (await held.change("a", { type: "stop-requested" })));
    expect(await refusal(needs)).toBe("container a is being stopped");
    expect([done, roster.get("a")?.state.status]).toEqual([["freeze paused", "thaw paused"], "running"]);
  });

  test.each([
    ["what was created", { status: "created" }, "container a is not running"],
    ["what is starting", { status: "starting" }, "container a is not running"],
    ["what is paused", { ...up, status: "paused" }, "Container a is already paused"],
  ] satisfies [string, State, string][])("refuses %s", async (_, state, message) => {
    const { needs, done } = await open(state);
    expect(await refusal(needs)).toBe(message);
    expect(done).toEqual([]);
  });
});

describe("unpauseContainer()", () => {
  test("thaws before it says so, and once of two calls at the same time", async () => {
    const { needs, roster, done } = await open({ ...up, status: "paused" });
    const outcomes = await Promise.allSettled([unpauseContainer(needs, "a"), unpauseContainer(needs, "a")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect([done, roster.get("a")?.state.status]).toEqual([["thaw paused", "unpause"], "running"]);
  });
});
