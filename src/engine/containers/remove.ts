import { fault } from "#base";
import { type Container, isActive } from "#container";
import type { ContainerVerbs } from "../verbs.ts";
import { announce } from "./announce.ts";
import { killAndWait } from "./kill.ts";
import { type ContainerNeeds, unwritten } from "./needs.ts";
import { removeAnonymousVolumes } from "./volumes.ts";

type RecordNeeds = Pick<ContainerNeeds, "roster" | "live" | "restarts" | "rootfs" | "volumes" | "announcer" | "logger">;

/** Removes a container; one that runs only by force. @throws conflict with Docker's words */
export async function removeContainer(
  needs: RecordNeeds & Pick<ContainerNeeds, "runtime">,
  reference: string,
  options: Parameters<ContainerVerbs["remove"]>[1],
): Promise<void> {
  const { id } = needs.roster.find(reference);
  if (options.force) await killAndWait(needs, id);
  await needs.roster.locked(id, async () => {
    const container = needs.roster.get(id);
    if (container === undefined) return;
    if (isActive(container.state)) {
      if (container.state.status === "paused")
        throw fault("conflict", `cannot remove container "${container.name}": container is paused and must be unpaused first`);
      const advice = options.force ? "could not be killed" : "stop the container before removing or force remove";
      throw fault("conflict", `cannot remove container "${container.name}": container is ${container.state.status}: ${advice}`);
    }
    await removeRecord(needs, container);
    if (options.volumes) await removeAnonymousVolumes(needs, container);
  });
}

/**
 * Takes a container that does not run out of the world: intent, folder into the trash, row. The caller holds its lock.
 * A crash in between leaves the intent, or a row without a folder; the next start finishes either.
 */
export async function removeRecord(needs: RecordNeeds, container: Container): Promise<void> {
  const { id } = container;
  if (container.state.status !== "removing") needs.roster.changeBehind(id, { type: "remove-intended" }, unwritten(needs, id));
  await needs.rootfs.remove(id);
  await needs.roster.remove(id);
  needs.live.removed(id);
  announce(needs.announcer, container, "destroy");
  if (container.spec.host.autoRemove) await removeAnonymousVolumes(needs, container);
}
