// Spawns conmon. Its descriptors: 3 sync, 4 start, 5 attach, 6 held until exit (four copies of its end of the line), 7 our end,
// 8 and up what it keeps for the next daemon. Everything else of the daemon is closed on exec.
import { fault, messageOf } from "#base";
import type { KernelPort } from "#linux";
import { closeEnd, MonitorLine, openLine } from "./monitor-line.ts";
import type { MonitorPlace } from "./places.ts";
import { programEnvironment } from "./programs.ts";

/** Numbers of descriptors inside a monitor. */
export const slots = { line: 7, firstKept: 8 } as const;

export interface MonitorCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly place: MonitorPlace;
  readonly keep: readonly number[];
  /** Its control groups; it does nothing before it is in them. */
  readonly groups: readonly string[];
}

export interface SpawnedMonitor {
  readonly pid: number;
  readonly line: MonitorLine;
}

/** Starts a monitor; it has been let go into its work when this returns. @throws whatever the groups refuse; then it is gone again */
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
  try {
    await kernel.run("enterCgroups", command.groups, child.pid);
    line.proceed();
    return { pid: child.pid, line };
  } catch (error) {
    child.kill("SIGKILL");
    line[Symbol.dispose]();
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
