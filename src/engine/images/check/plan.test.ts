import { expect, test } from "bun:test";
import type { Digest } from "#base";
import type { Flaw } from "./flaw.ts";
import { formatPlan, planRepair } from "./plan.ts";

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;

function flaw(kind: "blob" | "layer", letter: string, problem: Flaw["problem"], reason = ""): Flaw {
  return { item: { kind, digest: digest(letter) }, problem, reason, usedBy: ["busybox:latest"] };
}

test("planRepair() brings blobs before the layers that are made of them, and says why", () => {
  const plan = planRepair([
    flaw("layer", "a", "missing"),
    flaw("layer", "b", "damaged", '"etc/hosts": its bytes differ behind 0'),
    flaw("blob", "c", "damaged", "its bytes are those of x"),
    flaw("blob", "d", "missing"),
    flaw("blob", "e", "unused"),
    flaw("layer", "f", "unknown", "the blob that it was unpacked from is not here"),
  ]);
  expect(formatPlan(plan)).toBe(
    [
      `#1 remove blob ${digest("e")}: unused`,
      `#2 drop blob ${digest("c")}: damaged: its bytes are those of x`,
      `#3 fetch blob ${digest("c")}: damaged: its bytes are those of x`,
      `#4 fetch blob ${digest("d")}: missing`,
      `#5 unpack layer ${digest("a")}: missing`,
      `#6 unpack layer ${digest("b")}: damaged: "etc/hosts": its bytes differ behind 0`,
      `#7 unpack layer ${digest("f")}: unknown: the blob that it was unpacked from is not here`,
      "",
    ].join("\n"),
  );
  expect(planRepair([])).toEqual([]);
});
