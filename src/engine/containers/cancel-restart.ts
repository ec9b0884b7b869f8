import type { ContainerNeeds } from "./needs.ts";

type CancelNeeds = Pick<ContainerNeeds, "roster" | "live" | "restarts">;

/** Stops a container that is about to be started again from being so; one that is being started is waited for. False when it was not about to be. */
export async function cancelRestart(needs: CancelNeeds, id: string): Promise<boolean> {
  const hasPolicy = needs.roster.get(id)?.spec.host.restart !== undefined;
  if (hasPolicy && needs.roster.get(id)?.state.status === "starting") await needs.roster.locked(id, async () => undefined);
  needs.restarts.cancel(id);
  if (needs.roster.get(id)?.state.status !== "restarting") return false;
  await needs.roster.change(id, { type: "restart-cancelled" });
  needs.live.stayedEnded(id);
  return true;
}
