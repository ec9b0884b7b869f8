// Runs programs for tests: whole output, exit code, a bound on time.

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Milliseconds until SIGKILL; 60,000. */
  readonly patience?: number;
}

/** Runs to the end; a failure is an exit code, not an exception. A command ended by its bound has code 137. */
export async function run(command: readonly string[], options: CommandOptions = {}): Promise<Output> {
  const child = Bun.spawn([...command], {
    cwd: options.cwd ?? "/",
    stdin: options.stdin === undefined ? "ignore" : new Blob([options.stdin]),
    stdout: "pipe",
    stderr: "pipe",
    timeout: options.patience ?? 60_000,
    killSignal: "SIGKILL",
    ...(options.env !== undefined && { env: { ...process.env, ...options.env } }),
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}

/** As `run`, and gives stdout. @throws with the program's own words when its code is not 0 */
export async function succeed(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(command, options);
  if (code !== 0) throw new Error(`${command.join(" ")}: exit code ${code}\n${stderr}${stdout}`);
  return stdout;
}
