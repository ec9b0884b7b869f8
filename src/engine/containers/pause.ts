import { fault, messageOf } from "#base";
import { isUp } from "#container";
import { announce } from "./announce.ts";
import type { ContainerNeeds } from "./needs.ts";

type PauseNeeds = Pick<ContainerNeeds, "roster" | "runtime" | "announcer">;

/**
 * Freezes every process of a container. The row says so first: a crash in between is told from a pause by the kernel's own state, while
 * processes that stand still without anybody's knowing would look like a container that hangs.
 * @throws conflict when it does not run, or is paused already
 */
export async function pauseContainer(needs: PauseNeeds, reference: string): Promise<void> {
  const { id } = needs.roster.find(reference);
  await needs.roster.locked(id, async () => {
    const { state } = needs.roster.find(id);
    if (state.status === "restarting") throw fault("conflict", `Container ${id} is restarting, wait until the container is running`);
    if (!isUp(state)) throw fault("conflict", `container ${id} is not running`);
    if (state.status === "paused") throw fault("conflict", `Container ${id} is already paused`);
    const paused = await needs.roster.change(id, { type: "paused" });
    try {
      await needs.runtime.pause(id);
    } catch (error) {
      await needs.roster.change(id, { type: "unpaused" });
      throw fault("internal", `cannot pause container ${id}: ${messageOf(error)}`, { cause: error });
    }
    if (isEnding(needs, id)) {
      await needs.runtime.resume(id);
      await needs.roster.change(id, { type: "unpaused" });
      throw fault("conflict", `container ${id} is being stopped`);
    }
    announce(needs.announcer, paused, "pause");
  });
}

/** A process that was killed while it was being frozen would never die of it: whoever killed it may have looked before it was paused. */
function isEnding({ roster }: PauseNeeds, id: string): boolean {
  const state = roster.get(id)?.state;
  return state !== undefined && isUp(state) && state.stopRequested;
}

/** @throws internal, as Docker does, when it is not paused */
export async function unpauseContainer(needs: PauseNeeds, reference: string): Promise<void> {
  const { id } = needs.roster.find(reference);
  if (!(await unpause(needs, id))) throw fault("internal", `Container ${id} is not paused`);
}

/** Lets a paused container go on; false when it is not paused. */
export function unpause(needs: PauseNeeds, id: string): Promise<boolean> {
  return needs.roster.locked(id, async () => {
    if (needs.roster.get(id)?.state.status !== "paused") return false;
    await needs.runtime.resume(id);
    announce(needs.announcer, await needs.roster.change(id, { type: "unpaused" }), "unpause");
    return true;
  });
}
