import { describeError } from "./describe-error.ts";
import type { Invocation } from "./command.ts";

/** How many targets are worked on at once. */
const atOnce = 50;

/** Does one thing to each target at the same time and reports in the order given: a line on stdout, or the error on stderr and code 1. */
export async function eachTarget(
  invocation: Pick<Invocation, "program" | "stdout" | "stderr">,
  targets: readonly string[],
  act: (target: string) => Promise<string>,
): Promise<number> {
  const { program, stdout, stderr } = invocation;
  let code = 0;
  for (let first = 0; first < targets.length; first += atOnce) {
    for (const outcome of await Promise.allSettled(targets.slice(first, first + atOnce).map(act))) {
      if (outcome.status === "fulfilled") {
        stdout.print(outcome.value);
      } else {
        stderr.print(`${describeError(outcome.reason, program)}\n`);
        code = 1;
      }
    }
  }
  return code;
}
