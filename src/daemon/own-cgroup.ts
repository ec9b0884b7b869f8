// Where the daemon itself is counted: not in the session that started it, which may be limited and is ended as a whole.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { type Logger, messageOf } from "#base";
import { cgroupFolders, type CgroupLayout, monitorFolders, readCgroupLayout } from "#linux";

/** What systemd says to the process that it started itself (systemd.exec(5)); children inherit it, so the pid counts where it is told. */
export function isManagedBySystemd(env: Readonly<Record<string, string | undefined>>, pid: number): boolean {
  const started = env["SYSTEMD_EXEC_PID"];
  return env["INVOCATION_ID"] !== undefined && (started === undefined || started === String(pid));
}

/** How many ordinary processes the engine counts for when all want a CPU: its answers shall not wait behind what it runs. */
const weight = 8;

/**
 * The folders that a daemon belongs in: `parent`/daemon in the hierarchies where every monitor has a group of its own, `parent` in the
 * other ones of version 1, since its monitors begin where it is. Its share of the CPU is its own, not that of all containers together: with
 * version 1 it takes that in `parent`-engine, monitors included. A new cpuset takes nobody before it has CPUs: there it stays.
 */
export function ownFolders(layout: CgroupLayout, parent: string): readonly string[] {
  const own = monitorFolders(layout, `${parent}/daemon`);
  const { cpuset, cpu, ...others } = layout.hierarchies;
  const first = cpu === undefined ? [] : [`${cpu}${parent}-engine`];
  const shared = cgroupFolders({ version: layout.version, hierarchies: others }, parent);
  const isTaken = (folder: string): boolean => own.includes(`${folder}/daemon`) || first.includes(`${folder}-engine`);
  return [...own, ...first, ...shared.filter((folder) => !isTaken(folder) && !folder.startsWith(`${cpuset}/`))];
}

/** Moves this process there. Costs the kernel tens of milliseconds, in which nothing waits for it; what fails is a warning. */
export async function enterOwnCgroup(parent: string, logger: Logger): Promise<void> {
  if (isManagedBySystemd(process.env, process.pid)) return;
  for (const folder of ownFolders(readCgroupLayout(), parent)) {
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(`${folder}/cgroup.procs`, String(process.pid));
    } catch (error) {
      logger.warn("the daemon stays in the control group that it was started in", { folder, error: messageOf(error) });
    }
    if (/(-engine|\/daemon)$/.test(folder)) await weigh(folder, logger);
  }
}

/** Says the weight where the group has a share of the CPU at all; without one the engine waits its turn as everybody does. */
async function weigh(folder: string, logger: Logger): Promise<void> {
  const shares = [
    { file: `${folder}/cpu.shares`, ordinary: 1_024 },
    { file: `${folder}/cpu.weight`, ordinary: 100 },
  ];
  for (const { file, ordinary } of shares.filter((share) => existsSync(share.file))) {
    await writeFile(file, String(weight * ordinary)).catch((error: unknown) =>
      logger.debug("the daemon has an ordinary share of the CPU", { file, error: messageOf(error) }),
    );
  }
}

/**
 * Makes this process a late victim of the kernel's OOM killer; never an earlier one than it was. Needs CAP_SYS_RESOURCE; one who lacks it
 * keeps what it has.
 */
export async function lowerOomScore(adjustment: number, logger: Logger): Promise<void> {
  const path = "/proc/self/oom_score_adj";
  try {
    if (Number(await readFile(path, "utf8")) > adjustment) await writeFile(path, String(adjustment));
  } catch (error) {
    logger.debug("the OOM score of the daemon was not lowered", { error: messageOf(error) });
  }
}
