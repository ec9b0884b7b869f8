// Spawns conmon. Its descriptors: 3 sync, 4 start, 5 attach, 6 held until exit (four copies of its end of the line), 7 our end,
// 8 and up what it keeps for the next daemon. Everything else of the daemon is closed on exec.
import { fault, messageOf } from "#base";
import { hasCode, type KernelPort } from "#linux";
import { closeEnd, MonitorLine, openLine } from "./monitor-line.ts";
import type { MonitorPlace } from "./places.ts";
import { programEnvironment } from "./programs.ts";

/** Numbers of descriptors inside a monitor. */
export const slots = { line: 7, firstKept: 8 } as const;

/** Milliseconds behind a monitor's end in which what it wrote is still read. */
const lastWords = 100;

export interface MonitorCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly place: MonitorPlace;
  readonly keep: readonly number[];
  /** Its control groups, which are there already. */
  readonly groups: readonly string[];
  /** The monitor comes up at once, and goes into its work when this has resolved; when it rejects, the monitor is ended. */
  readonly ready: Promise<unknown>;
}

export interface SpawnedMonitor {
  readonly pid: number;
  readonly line: MonitorLine;
  /** Resolves when it is in its groups; it is gone when that fails. */
  readonly grouped: Promise<void>;
}

/** Starts a monitor and lets it go into its work. @throws internal when it cannot be started; as `ready` does */
export async function spawnMonitor(kernel: KernelPort, command: MonitorCommand): Promise<SpawnedMonitor> {
  const { ours, theirs } = openLine();
  let child: Bun.Subprocess;
  try {
    child = spawn(command, ours, theirs);
  } catch (error) {
    closeEnd(ours);
    throw fault("internal", `could not start ${command.program}: ${messageOf(error)}`, { cause: error });
  } finally {
    closeEnd(theirs);
  }
  const line = await MonitorLine.over(ours);
  // A runtime that is at work, or an init that was never started, may hold the monitor's end of the line after the monitor's death.
  void child.exited.then(() => setTimeout(() => line[Symbol.dispose](), lastWords).unref());
  const grouped = enter(kernel, command.groups, child);
  // Whoever waits for the first report waits for this too; until then a failure is nobody's.
  grouped.catch(() => undefined);
  try {
    await command.ready;
  } catch (error) {
    child.kill("SIGKILL");
    line[Symbol.dispose]();
    throw error;
  }
  line.proceed();
  return { pid: child.pid, line, grouped };
}

/** Moving costs the kernel milliseconds (it waits for every CPU), in which the runtime works already. */
async function enter(kernel: KernelPort, groups: readonly string[], child: Bun.Subprocess): Promise<void> {
  try {
    await kernel.run("enterCgroups", groups, child.pid);
  } catch (error) {
    // A monitor that has ended already says why on its line.
    if (hasCode(error, "ESRCH")) return;
    child.kill("SIGKILL");
    throw error;
  }
}

function spawn(command: MonitorCommand, ours: number, theirs: number): Bun.Subprocess {
  const child = Bun.spawn([command.program, ...command.args], {
    cwd: "/",
    env: {
      ...programEnvironment(command.place.folder),
      _OCI_SYNCPIPE: "3",
      _OCI_STARTPIPE: "4",
      _OCI_ATTACHPIPE: "5",
    },
    stdio: ["ignore", "ignore", Bun.file(command.place.log), theirs, theirs, theirs, theirs, ours, ...command.keep],
  });
  child.unref();
  return child;
}
