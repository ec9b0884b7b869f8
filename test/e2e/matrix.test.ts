// The matrix: 200 command lines of `run` and `create`, what Docker 28.5 showed for each, and what we show.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { lineOf, matrixCases } from "../matrix/cases.ts";
import { explain, knownDifferences, type KnownDifference } from "../matrix/differences.ts";
import { compareFacts, type Facts } from "../matrix/facts.ts";
import { observeAll } from "../matrix/observe.ts";
import { comparable, recorded, type Recording, recordingPath } from "../matrix/recording.ts";
import { furnish } from "../matrix/side.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { builtProgram, toolPath } from "../support/tools.ts";

setDefaultTimeout(120_000);

const cases = matrixCases();
const met = new Set<KnownDifference>();
let daemon: TestDaemon;
let recording: Recording;
let seen: ReadonlyMap<string, Facts>;

beforeAll(async () => {
  recording = (await Bun.file(recordingPath).json()) as Recording;
  daemon = await startDaemon({ enclosed: true, config: { "init-path": toolPath("tini-static") } });
  const { socket, execRoot, pidFile, token } = daemon.place;
  const side = { client: builtProgram("docker"), socket, pidFile, work: join(execRoot, "matrix-work"), token };
  await furnish(side);
  seen = await observeAll(side, cases);
});
afterAll(() => daemon[Symbol.asyncDispose]());

describe("as Docker does it", () => {
  test.each(cases.map((one) => [`${one.name} ${lineOf(one)}`, one] as const))("%s", (_, one) => {
    const isComparable = comparable(recording);
    const sides = { docker: recorded(recording, one), ours: seen.get(one.name) ?? {} };
    const unexplained = compareFacts(sides.docker, sides.ours).filter((difference) => {
      const known = explain(one, difference, sides);
      if (known !== undefined) met.add(known);
      return known === undefined && isComparable(difference.fact);
    });
    expect(unexplained).toEqual([]);
  });
});

test("every known difference is still there", () => {
  expect(knownDifferences.filter((known) => !met.has(known)).map(({ says }) => says)).toEqual([]);
});
