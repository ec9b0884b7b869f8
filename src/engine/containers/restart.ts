// Starts that nobody asked for: by a container's policy, after it has ended and when a daemon starts.
import { messageOf } from "#base";
import { type Container, isUp, otherContainerOf, startsWithDaemon } from "#container";
import type { ContainerNeeds } from "./needs.ts";
import { startIntended, type StartNeeds } from "./start.ts";

/** Starts a container whose time has come, unless somebody stopped or removed it meanwhile. */
export async function startAgain(needs: StartNeeds, id: string): Promise<void> {
  await needs.roster.locked(id, async () => {
    const container = needs.roster.get(id);
    if (container?.state.status !== "restarting") return;
    await startIntended(needs, id, { type: "restart-intended", count: container.restartCount + 1 });
  });
}

/** What becomes of a start that failed and that nobody waits for: the container's state says why. */
export function unstarted({ logger }: Pick<ContainerNeeds, "logger">, id: string): (error: unknown) => void {
  return (error) => logger.error("container was not started again", { container: id, error: messageOf(error) });
}

/** At the daemon's start: what was about to be started, and what its policy has running. Those that others share come before those that share them. */
export function startEnded(needs: StartNeeds): void {
  const due = needs.roster.all().filter(isDue).toReversed();
  const shares = ({ spec: { host } }: Container): boolean =>
    [host.networkName, host.pidMode, host.ipcMode].some((mode) => otherContainerOf(mode) !== undefined);
  const start = (containers: readonly Container[]): Promise<unknown> =>
    Promise.all(containers.map(({ id }) => startNow(needs, id).catch(unstarted(needs, id))));
  const sharing = due.filter(shares);
  const work = start(due.filter((container) => !shares(container))).then(async () => {
    for (const container of sharing) await start([container]);
  });
  needs.live.behind(work, (error) => needs.logger.error("containers were not started", { error: messageOf(error) }));
}

function isDue({ state, spec, restartCount }: Container): boolean {
  if (state.status === "restarting") return true;
  if (state.status !== "exited") return false;
  const { exit, stopRequested = false } = state;
  return startsWithDaemon(spec.host.restart, { code: exit.code, isWanted: stopRequested, restarts: restartCount });
}

async function startNow(needs: StartNeeds, id: string): Promise<void> {
  await needs.roster.locked(id, async () => {
    const state = needs.roster.get(id)?.state;
    if (state === undefined || isUp(state) || (state.status !== "restarting" && state.status !== "exited")) return;
    await startIntended(needs, id, { type: "restart-intended" });
  });
}
