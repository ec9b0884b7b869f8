// Where the daemon itself is counted: not in the session that started it, which may be limited and is ended as a whole.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { type Logger, messageOf } from "#base";
import { cgroupFolders, type CgroupLayout, monitorFolders, readCgroupLayout } from "#linux";

/** What systemd says to the process that it started itself (systemd.exec(5)); children inherit it, so the pid counts where it is told. */
export function isManagedBySystemd(env: Readonly<Record<string, string | undefined>>, pid: number): boolean {
  const started = env["SYSTEMD_EXEC_PID"];
  return env["INVOCATION_ID"] !== undefined && (started === undefined || started === String(pid));
}

/**
 * The folders that a daemon belongs in: `parent`/daemon in the hierarchies where every monitor has a group of its own, `parent` in the
 * other ones of version 1, since its monitors begin where it is. A new cpuset takes nobody before it has CPUs: there it stays.
 */
export function ownFolders(layout: CgroupLayout, parent: string): readonly string[] {
  const own = monitorFolders(layout, `${parent}/daemon`);
  const { cpuset, ...others } = layout.hierarchies;
  const shared = cgroupFolders({ version: layout.version, hierarchies: others }, parent);
  const isOwn = (folder: string): boolean => own.includes(`${folder}/daemon`);
  return [...own, ...shared.filter((folder) => !isOwn(folder) && !folder.startsWith(`${cpuset}/`))];
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
