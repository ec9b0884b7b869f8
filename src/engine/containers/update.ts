import { EngineError, fault, messageOf } from "#base";
import {
  changeLimits,
  checkLimits,
  isUp,
  liftedLimits,
  limitsOf,
  planLimits,
  type Container,
  type Resources,
  type RestartPolicy,
} from "#container";
import { announce } from "./announce.ts";
import { findDevices } from "./find-devices.ts";
import type { ContainerNeeds } from "./needs.ts";

type UpdateNeeds = Pick<ContainerNeeds, "roster" | "runtime" | "announcer" | "machine" | "hostDevices">;

interface Asked {
  readonly change: Resources;
  /** Absent leaves the policy as it is. */
  readonly restart: RestartPolicy | undefined;
}

/**
 * Gives a container other limits: at once where it runs, and from then on at every start. The kernel comes first, since it may refuse; a
 * crash in between leaves limits that nobody was told of until the next start or update sets them anew.
 * @throws invalid and conflict with Docker's words, internal with the runtime's
 */
export async function updateContainer(needs: UpdateNeeds, reference: string, { change, restart }: Asked): Promise<readonly string[]> {
  const { id } = needs.roster.find(reference);
  const { resources, warnings } = checkLimits(change, needs.machine.enforces, { update: true });
  await needs.roster.locked(id, async () => {
    const container = needs.roster.find(id);
    const { spec } = container;
    try {
      const host = { ...spec.host, resources: changeLimits(spec.host.resources, resources), ...(restart !== undefined && { restart }) };
      const changed: Container = { ...container, spec: { ...spec, host } };
      if (isUp(container.state)) await setLimits(needs, changed);
      announce(needs.announcer, await needs.roster.setSpec(id, changed.spec), "update");
    } catch (error) {
      const kind = error instanceof EngineError ? error.fault : "internal";
      throw fault(kind, `Cannot update container ${id}: ${messageOf(error)}`, { cause: error });
    }
  });
  return warnings;
}

async function setLimits(needs: UpdateNeeds, { id, spec: { host } }: Container): Promise<void> {
  await needs.runtime.update(id, planLimits(limitsOf(host), needs.machine, await findDevices(needs, host)), liftedLimits(host.resources));
}
