import { type Fabric, findNetwork, type Network } from "#network";
import type { Roster } from "../containers/roster.ts";
import type { Sandboxes } from "../containers/sandboxes.ts";
import { compilePattern } from "../name-pattern.ts";
import type { NetworkFilters, NetworkVerbs, NetworkView } from "../verbs.ts";
import type { Networks } from "./networks.ts";

interface Needs {
  readonly networks: Pick<Networks, "all">;
  readonly roster: Pick<Roster, "all">;
  readonly sandboxes: Pick<Sandboxes, "endpoint">;
  readonly fabric: Pick<Fabric, "bridge">;
}

/** The verbs, bound to this machine's networks. */
export function bindNetworkVerbs(needs: Needs): NetworkVerbs {
  return {
    list: (filters) => filterNetworks(needs.networks.all(), filters).map((network) => viewNetwork(needs, network)),
    get: (reference) => viewNetwork(needs, findNetwork(needs.networks.all(), reference)),
  };
}

function viewNetwork({ roster, sandboxes, fabric }: Needs, network: Network): NetworkView {
  const inside = roster.all().flatMap((container) => {
    const endpoint = container.spec.host.network === network.name ? sandboxes.endpoint(container.sandboxId) : undefined;
    return endpoint === undefined ? [] : [{ containerId: container.id, containerName: container.name, endpoint }];
  });
  return { network, containers: inside, ...(network.driver === "bridge" && fabric.bridge !== undefined && { bridge: fabric.bridge }) };
}

/** Those that pass every filter; values of one key are alternatives. */
export function filterNetworks(networks: readonly Network[], filters: NetworkFilters): readonly Network[] {
  const { dangling, driver, id, label, name, scope, type } = filters;
  // Nobody makes networks yet: all are Docker's own, which never dangle and have no labels.
  if (dangling === true || label !== undefined) return [];
  if (type !== undefined && !type.includes("builtin")) return [];
  if (scope !== undefined && !scope.includes("local")) return [];
  const fits = (patterns: readonly string[] | undefined, text: string): boolean =>
    patterns === undefined || patterns.includes(text) || patterns.some((pattern) => compilePattern(pattern)(text));
  return networks.filter(
    (network) => (driver === undefined || driver.includes(network.driver)) && fits(id, network.id) && fits(name, network.name),
  );
}
