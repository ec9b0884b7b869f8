// The contract table: what Docker 28.5.2 answered to some 1,400 requests at five API versions, and what we answer to the same.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { compare } from "../docker-table/compare.ts";
import { explain, knownDifferences, type KnownDifference } from "../docker-table/differences.ts";
import { play, type Played } from "../docker-table/play.ts";
import { recordedAnswer, type Recording } from "../docker-table/recording.ts";
import { scenarios } from "../docker-table/scenarios/index.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";

setDefaultTimeout(60_000);

const fixtures = join(import.meta.dir, "../fixtures/docker-table");
const met = new Set<KnownDifference>();

let daemon: TestDaemon;
beforeAll(async () => {
  // Published ports of the table are the same everywhere, so it has a network of its own.
  daemon = await startDaemon({ enclosed: true });
  for (const image of ["busybox", "hello-world"] as const) await loadImage(daemon.place.socket, image);
});
afterAll(() => daemon[Symbol.asyncDispose]());

for (const scenario of scenarios) {
  for (const version of scenario.versions) {
    describe(`${scenario.name} at ${version}`, () => {
      let recording: Recording;
      let played: readonly Played[];
      beforeAll(async () => {
        recording = (await Bun.file(join(fixtures, `${scenario.name}.json`)).json()) as Recording;
        played = await play({ socket: daemon.place.socket, places: [[daemon.place.dataRoot, "<root>"]] }, scenario, version);
      });

      test.each(scenario.steps.filter((step) => step.unheld !== true).map((step) => [step.title, step] as const))(
        "%s is answered as Docker does",
        (title, step) => {
          const one = played.find((candidate) => candidate.step === step);
          if (one === undefined) throw new Error(`${title} was not played`);
          const differences = compare(recordedAnswer(recording, title, version), one.answer);
          const unexplained = differences.filter((difference) => {
            const known = explain(one, difference);
            if (known !== undefined) met.add(known);
            return known === undefined;
          });
          expect(unexplained).toEqual([]);
        },
      );
    });
  }
}

test("every known difference is still there", () => {
  expect(knownDifferences.filter((known) => known.machine === undefined && !met.has(known))).toEqual([]);
});
