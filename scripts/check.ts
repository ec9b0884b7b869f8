// The gate: format, types, lint, dead code, docs, build, then every test file. Words narrow it to the steps and files that hold them:
// `bun run check lint base/`. The last line is the sum over single tests and steps.
import { resolve } from "node:path";
import { runStep, steps, type StepRun } from "./gate/steps.ts";
import { runTestFiles, type FileRun } from "./gate/test-runs.ts";

const root = resolve(import.meta.dir, "..");
const fileLimit = 8 * 60_000;
// Fast feedback first; the guest next, since it waits for an emulated machine while others compute.
const tiers = [
  "src/**/*.test.ts",
  "scripts/**/*.test.ts",
  "bench/**/*.test.ts",
  "test/*.test.ts",
  "test/api/**/*.test.ts",
  "test/contract/**/*.test.ts",
  "test/guest/*.test.ts",
  "test/e2e/**/*.test.ts",
  "test/clients/*.test.ts",
];

const total = { passed: 0, failed: 0, skipped: new Map<string, number>() };

function testFiles(words: readonly string[]): string[] {
  const found = new Set(tiers.flatMap((tier) => [...new Bun.Glob(tier).scanSync(root)].toSorted()));
  return [...found].filter((file) => matches(file, words));
}

function matches(name: string, words: readonly string[]): boolean {
  return words.length === 0 || words.some((word) => name.includes(word));
}

function reportStep(run: StepRun): void {
  if (run.ok) total.passed++;
  else total.failed++;
  console.log(`${run.ok ? "ok  " : "FAIL"} ${run.step.name} (${run.duration.toFixed(1)} s)`);
  if (!run.ok) console.log(indent(run.output));
}

function reportFile(run: FileRun): void {
  total.passed += run.passed;
  total.failed += run.failed;
  for (const reason of run.skipped) total.skipped.set(reason, (total.skipped.get(reason) ?? 0) + 1);
  const skipped = run.skipped.length === 0 ? "" : `, ${run.skipped.length} skipped`;
  const failed = run.failed === 0 ? "" : `, ${run.failed} failed`;
  console.log(`${run.failed === 0 ? "ok  " : "FAIL"} ${run.file}: ${run.passed} passed${skipped}${failed} (${run.duration.toFixed(1)} s)`);
  for (const title of run.unreasoned) console.log(`     skipped without a reason: ${title}`);
  if (run.failed > 0) console.log(indent(run.output));
}

function indent(output: string): string {
  return output
    .trimEnd()
    .split("\n")
    .map((line) => `     ${line}`)
    .join("\n");
}

async function check(words: readonly string[]): Promise<number> {
  for (const step of steps.filter(({ name }) => matches(name, words))) reportStep(await runStep(step, root));
  const files = testFiles(words);
  await runTestFiles(files, { root, width: 2, patience: fileLimit, finished: reportFile });
  for (const [reason, count] of total.skipped) console.log(`${count} skipped: ${reason}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

process.exit(await check(process.argv.slice(2)));
