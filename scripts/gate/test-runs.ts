// Runs test files, each in a process of its own, so that one that crashes or hangs takes no other with it.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countTests, type Counts } from "./junit.ts";

export interface FileRun extends Counts {
  readonly file: string;
  /** Seconds. */
  readonly duration: number;
  readonly output: string;
}

/** Milliseconds for a test that sets no limit of its own: this machine may be slow, and busy with the rest of the gate. */
const testLimit = 20_000;

interface RunOptions {
  readonly root: string;
  /** Processes at once. */
  readonly width: number;
  /** Milliseconds a file may take. */
  readonly patience: number;
  readonly finished: (run: FileRun) => void;
}

/** Files in the order given, started as slots become free. */
export async function runTestFiles(files: readonly string[], options: RunOptions): Promise<void> {
  const waiting = [...files];
  const reports = mkdtempSync(join(tmpdir(), "gantry-reports-"));
  const slot = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) options.finished(await runFile(file, reports, options));
  };
  try {
    await Promise.all(Array.from({ length: options.width }, slot));
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

async function runFile(file: string, reports: string, options: RunOptions): Promise<FileRun> {
  const began = performance.now();
  const report = join(reports, `${file.replaceAll("/", "-")}.xml`);
  // A file, not a pipe: a process that a test left behind would hold a pipe open for ever.
  const log = openSync(`${report}.log`, "w");
  const child = Bun.spawn(
    [process.execPath, "test", `./${file}`, `--timeout=${testLimit}`, "--reporter=junit", `--reporter-outfile=${report}`],
    {
      cwd: options.root,
      stdin: "ignore",
      stdout: log,
      stderr: log,
      timeout: options.patience,
      killSignal: "SIGKILL",
    },
  );
  closeSync(log);
  const code = await child.exited;
  const counts = countTests(readReport(report));
  const duration = (performance.now() - began) / 1000;
  const late = child.signalCode === "SIGKILL" ? `\nended after ${options.patience / 1000} s` : "";
  const output = `${readFileSync(`${report}.log`, "utf8")}${late}`;
  // A crash, a syntax error or a failed hook fails the file although no test is named.
  const failed = counts.failed === 0 && (code !== 0 || counts.passed + counts.skipped.length === 0) ? 1 : counts.failed;
  return { ...counts, failed, file, duration, output };
}

function readReport(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
