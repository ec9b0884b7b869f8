import { fault } from "#base";
import type { ProcessLister } from "#container";
import { findProgram, programPath } from "./programs.ts";

/** Milliseconds that ps gets: a process that hangs in the kernel may hold up whoever reads its memory map. */
const patience = 10_000;

interface Said {
  readonly code: number;
  readonly output: string;
  readonly complaint: string;
}

/** The ps of the host's own folders. */
export class HostProcessLister implements ProcessLister {
  async list(args: readonly string[], pids: readonly number[]): Promise<string> {
    const program = findProgram("ps");
    if (program === undefined) throw fault("internal", 'ps: exec: "ps": executable file not found in $PATH');
    const asked = await run([program, ...args, `-q${pids.join(",")}`]);
    if (asked.code === 0) return asked.output;
    // Some arguments (f) do not go together with -q: lines of others are for the caller to drop.
    const { code, output, complaint } = await run([program, ...args]);
    if (code === 0) return output;
    const [line = ""] = complaint.split("\n");
    throw fault("internal", `ps: ${line === "" ? `exit status ${code}` : line}`);
  }
}

async function run(command: readonly string[]): Promise<Said> {
  try {
    // The time zone is the machine's own; without a locale, what is not ASCII would come as question marks.
    const env = { PATH: programPath, LC_ALL: "C.UTF-8" };
    const child = Bun.spawn([...command], { cwd: "/", env, stdio: ["ignore", "pipe", "pipe"], timeout: patience, killSignal: "SIGKILL" });
    const [code, output, complaint] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
    return { code, output, complaint };
  } catch {
    // One that no program can be given: it has a NUL, or is longer than the kernel takes.
    return { code: 1, output: "", complaint: "invalid argument" };
  }
}
