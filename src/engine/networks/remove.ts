import { fault, isFault, messageOf, shortId, type Logger } from "#base";
import { isStanding, type Network } from "#network";
import { isPruned, type PruneTurn } from "../prune.ts";
import type { PruneFilters } from "../verbs.ts";
import { announceNetwork } from "./announce-network.ts";
import type { CreateNeeds } from "./create.ts";
import { hasBridge } from "./networks.ts";
import { type MemberNeeds, membersOf } from "./members.ts";

export type RemoveNeeds = Pick<CreateNeeds, "networks" | "fabric" | "announcer"> & MemberNeeds & { readonly logger: Logger };

/** Removes a network that no container is in now. @throws not-found; denied in Docker's words */
export async function removeNetwork(needs: RemoveNeeds, reference: string): Promise<void> {
  const network = needs.networks.find(reference);
  const { id, name, configOnly = false } = network;
  if (isStanding(name)) throw fault("denied", `${name} is a pre-defined network and cannot be removed`);
  if (configOnly && needs.networks.all().some(({ configFrom }) => configFrom === name))
    throw fault("denied", `error while removing network: configuration network "${name}" is in use`);
  const members = membersOf(needs, network);
  if (members.length > 0) {
    const list = members.map(({ containerName, attachment }) => `name:"${containerName}" id:"${shortId(attachment.endpointId)}"`);
    throw fault("denied", `error while removing network: network ${name} has active endpoints (${list.join(", ")})`);
  }
  try {
    if (hasBridge(network)) await needs.fabric.close(id);
  } catch (error) {
    // A container is just being started in it.
    if (isFault(error, "conflict"))
      throw fault("denied", `error while removing network: network ${name} has active endpoints`, { cause: error });
    throw error;
  }
  await needs.networks.remove(network);
  announceNetwork(needs.announcer, network, "destroy");
}

/** Removes what no container uses, running or not. */
export function pruneNetworks(needs: RemoveNeeds, turn: PruneTurn, filters: PruneFilters): Promise<readonly string[]> {
  return turn.run(async () => {
    const deleted: string[] = [];
    for (const network of needs.networks
      .all()
      .filter((each) => isUnused(needs, each) && isPruned(filters, { created: each.created, labels: each.labels ?? {} })))
      try {
        await removeNetwork(needs, network.id);
        deleted.push(network.name);
      } catch (error) {
        if (!isFault(error, "denied") && !isFault(error, "not-found"))
          needs.logger.warn("network was not pruned", { network: network.name, error: messageOf(error) });
      }
    needs.announcer.announce({ type: "network", action: "prune", actorId: "", attributes: { reclaimed: "0" } });
    return deleted;
  });
}

/** Nobody is in it, and it is no configuration: Docker's prune looks at what runs. */
function isUnused(needs: RemoveNeeds, network: Network): boolean {
  return !isStanding(network.name) && network.configOnly !== true && membersOf(needs, network).length === 0;
}
