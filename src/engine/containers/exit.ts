import { messageOf } from "#base";
import { type Change, type Container, type Exit, isLive, isUp, type MonitoredProcess, restartsAfter } from "#container";
import { announceJoined } from "../networks/join.ts";
import { announce } from "./announce.ts";
import { type ContainerNeeds, unwritten } from "./needs.ts";
import { removeRecord } from "./remove.ts";
import { closeSpaces } from "./spaces.ts";
import { releaseVolumes } from "./volumes.ts";

export type ExitNeeds = Pick<
  ContainerNeeds,
  | "roster"
  | "live"
  | "restarts"
  | "health"
  | "sandboxes"
  | "networks"
  | "runtime"
  | "rootfs"
  | "fabric"
  | "volumes"
  | "announcer"
  | "logger"
>;

/** Follows a running container to its exit, however long that takes. */
export function watchExit(needs: ExitNeeds, id: string, process: MonitoredProcess): void {
  needs.live.add(id, process);
  needs.health.watch(id);
  needs.live.behind(
    process.exited.then((exit) => recordExit(needs, id, exit)),
    (error) => needs.logger.error("exit was not recorded", { container: id, error: messageOf(error) }),
  );
}

/** Saves the exit, gives back what the run held, wakes whoever waits, and removes a `--rm` container. */
export function recordExit(needs: ExitNeeds, id: string, exit: Exit): Promise<void> {
  return needs.roster.locked(id, async () => {
    needs.health.stop(id);
    const before = needs.roster.get(id);
    if (before === undefined || !isLive(before.state)) return;
    const startedAt = isUp(before.state) ? before.state.startedAt : exit.at;
    await releaseSandbox(needs, before);
    await closeSpaces(needs, before);
    if (before.spec.host.volumes !== undefined) await releaseVolumes(needs, before);
    const restarts = isRestarted(needs, before, exit);
    const exited = { type: "exited", exit, restarts } as const;
    const isRemoved = before.spec.host.autoRemove && !needs.live.isRestarting(id);
    // The row of a container that is removed next need not be waited for.
    const container = isRemoved ? needs.roster.changeBehind(id, exited, unwritten(needs, id)) : await changeAnyway(needs, id, exited);
    const lasted = String((exit.at - startedAt) / 1_000_000_000n);
    if (exit.oomKilled) announce(needs.announcer, container, "oom");
    announce(needs.announcer, container, "die", { exitCode: String(exit.code), execDuration: lasted });
    await needs.live.exited(id, exit, { isFinal: !restarts });
    if (isRemoved) await removeRecord(needs, container);
    if (restarts) needs.restarts.schedule(id, Number((exit.at - startedAt) / 1_000_000n));
    needs.live.cleanUp(id, needs.runtime.delete(id), (error) =>
      needs.logger.warn("runtime left something of an exited container", { container: id, error: messageOf(error) }),
    );
  });
}

/** It has ended, whatever the disk says: who waits for that must not wait for the disk. The next daemon finds the exit where the monitor left it. */
async function changeAnyway(needs: Pick<ExitNeeds, "roster" | "logger">, id: string, exited: Change): Promise<Container> {
  try {
    return await needs.roster.change(id, exited);
  } catch (error) {
    unwritten(needs, id)(error);
    return needs.roster.find(id);
  }
}

/** Whether the container's policy has it started again; a restart that somebody asked for is that one's. */
function isRestarted({ live }: Pick<ExitNeeds, "live">, container: Container, { code }: Exit): boolean {
  const { id, state, spec, restartCount } = container;
  const isWanted = live.isRestarting(id) || (isUp(state) && state.stopRequested);
  return restartsAfter(spec.host.restart, { code, isWanted, restarts: restartCount });
}

type ReleaseNeeds = Pick<ExitNeeds, "announcer" | "networks" | "roster" | "sandboxes" | "fabric" | "live" | "logger">;

/** Gives address and ports back; the link goes behind the reply. */
export async function releaseSandbox(needs: ReleaseNeeds, container: Container): Promise<void> {
  const endpoint = needs.sandboxes.endpoint(container.sandboxId);
  if (endpoint === undefined) return;
  await needs.fabric.release(endpoint, container.id);
  needs.live.behind(needs.sandboxes.remove(endpoint.sandboxId), unwritten(needs, container.id));
  announceJoined(needs, container, "disconnect");
  const { sandboxId: _released, ...rest } = needs.roster.get(container.id) ?? container;
  needs.roster.replace(rest);
}
