// What stands before the tests: each step is one command, and counts as one test.

export interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

export interface StepRun {
  readonly step: Step;
  readonly ok: boolean;
  readonly output: string;
  /** Seconds. */
  readonly duration: number;
}

/** Run by Bun, since the machine's Node may be older than the tools want. */
const tool = (name: string): readonly string[] => [process.execPath, "--bun", `node_modules/.bin/${name}`];

export const steps: readonly Step[] = [
  { name: "format", command: [...tool("oxfmt"), "--check", "."] },
  { name: "types", command: [...tool("tsc"), "-p", "tsconfig.json"] },
  { name: "pure types", command: [...tool("tsc"), "-p", "tsconfig.pure.json"] },
  { name: "lint", command: [...tool("oxlint"), "--type-aware", "--quiet"] },
  { name: "dead code", command: [...tool("knip"), "--no-progress"] },
  { name: "docs", command: [process.execPath, "scripts/docs.ts", "--check"] },
  { name: "build", command: [process.execPath, "scripts/build.ts"] },
  { name: "build library", command: [process.execPath, "scripts/build-library.ts"] },
];

export async function runStep(step: Step, root: string): Promise<StepRun> {
  const began = performance.now();
  const child = Bun.spawn([...step.command], { cwd: root, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { step, ok: code === 0, output: stdout + stderr, duration: (performance.now() - began) / 1000 };
}
