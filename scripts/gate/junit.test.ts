import { expect, test } from "bun:test";
import { countTests } from "./junit.ts";

const report = (cases: string): string => `<testsuites><testsuite name="a">${cases}</testsuite></testsuites>`;

test("countTests() counts single tests and gathers the reasons of the skipped ones", () => {
  const counts = countTests(
    report(`
      <testcase name="one" time="0" />
      <testcase name="a &lt; b" time="0"><failure message="x">trace</failure></testcase>
      <testcase name="three [skip: needs &quot;arm64&quot;]" time="0"><skipped /></testcase>
      <testcase name="four" time="0"><skipped message="later" /></testcase>
      <testcase name="five" time="0"></testcase>`),
  );
  expect(counts).toEqual({ passed: 2, failed: 2, skipped: ['needs "arm64"'], unreasoned: ["four"] });
});

test("countTests() finds nothing in an empty report", () => {
  expect(countTests("")).toEqual({ passed: 0, failed: 0, skipped: [], unreasoned: [] });
});
