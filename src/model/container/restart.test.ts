import { describe, expect, test } from "bun:test";
import { type Ending, restartDelay, type RestartPolicy, restartsAfter, startsWithDaemon } from "./restart.ts";

const ended = (ending: Partial<Ending> = {}): Ending => ({ code: 1, isWanted: false, restarts: 0, ...ending });
const policy = (name: RestartPolicy["name"], maximum = 0): RestartPolicy => ({ name, maximum });

describe("restartsAfter()", () => {
  test.each([
    [undefined, ended(), false],
    [policy("no"), ended(), false],
    [policy("always"), ended({ code: 0 }), true],
    [policy("always"), ended({ isWanted: true }), false],
    [policy("unless-stopped"), ended({ code: 0 }), true],
    [policy("on-failure"), ended({ code: 0 }), false],
    [policy("on-failure"), ended({ restarts: 99 }), true],
    [policy("on-failure", 2), ended({ restarts: 1 }), true],
    [policy("on-failure", 2), ended({ restarts: 2 }), false],
  ])("%j after %j is %p", (asked, ending, expected) => {
    expect(restartsAfter(asked, ending)).toBe(expected);
  });
});

test("startsWithDaemon() starts what was stopped only where it is to run always", () => {
  const stopped = ended({ isWanted: true });
  expect([policy("always"), policy("unless-stopped"), policy("on-failure"), undefined].map((it) => startsWithDaemon(it, stopped))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("restartDelay() doubles up to a minute, and begins anew after a run of ten seconds", () => {
  const delays = [restartDelay(undefined, 0)];
  for (let index = 0; index < 11; index += 1) delays.push(restartDelay(delays.at(-1), 9_999));
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]);
  expect(restartDelay(51_200, 10_000)).toBe(100);
});
