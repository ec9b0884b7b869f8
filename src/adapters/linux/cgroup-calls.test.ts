import { expect, test } from "bun:test";
import { cgroupCalls } from "./cgroup-calls.ts";

function sleeper(word: string): Bun.Subprocess {
  return Bun.spawn(["sleep", "1000"], { argv0: word, cwd: "/", stdio: ["ignore", "ignore", "ignore"] });
}

test("endUngrouped() ends what has such an argument and is in none of the groups, and nothing else", async () => {
  const beginning = `--exit-dir=/run/${crypto.randomUUID()}/monitors/`;
  await using stack = new AsyncDisposableStack();
  const [stray, other] = [`${beginning}a`, `x${beginning}a`].map((word) => {
    const child = sleeper(word);
    stack.defer(async () => {
      child.kill("SIGKILL");
      await child.exited;
    });
    return child;
  });
  if (stray === undefined || other === undefined) throw new Error("two processes were started");
  // Every process is in some group below the root.
  cgroupCalls.endUngrouped([beginning], [""]);
  expect([stray.killed, stray.signalCode, other.signalCode]).toEqual([false, null, null]);
  cgroupCalls.endUngrouped([beginning], ["/nowhere/m"]);
  await stray.exited;
  expect([stray.signalCode, other.exitCode, other.signalCode]).toEqual(["SIGKILL", null, null]);
});
