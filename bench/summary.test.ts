import { expect, test } from "bun:test";
import { formatTable, median, summarize } from "./summary.ts";

const row = { id: "S1", title: "run", unit: "ms", floor: 8, sample: () => Promise.resolve(0) } as const;
const quiet = { load: 0.2, noisy: false };

test("median() of an even number of samples lies between the middle two", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
});

test("summarize() counts the ratio against the faster of the newest Dockers", () => {
  const result = summarize(
    row,
    new Map([
      ["gantry", [40, 50, 60]],
      ["docker28", [500, 510, 490]],
      ["docker28c", [400, 410, 390]],
      ["docker20", [300, 300, 300]],
    ] as const),
    quiet,
  );
  expect(result).toMatchObject({ ratio: 8, met: true, noisy: false });
  expect(formatTable([result], false)).toContain("8.0x >= 8x: met");
});

test("summarize() says when a floor or a bound is missed", () => {
  expect(
    summarize(
      row,
      new Map([
        ["gantry", [50]],
        ["docker28", [399]],
      ] as const),
      quiet,
    ).met,
  ).toBe(false);
  const bounded = { id: "S7", title: "syncs", unit: "calls", bound: 2, sample: row.sample } as const;
  expect(summarize(bounded, new Map([["gantry", [3]]] as const), quiet).met).toBe(false);
});
