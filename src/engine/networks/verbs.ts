import { matchesLabel } from "#base";
import { isStanding, type Network } from "#network";
import type { ContainerNeeds } from "../containers/needs.ts";
import { compilePattern } from "../name-pattern.ts";
import { PruneTurn } from "../prune.ts";
import type { NetworkFilters, NetworkVerbs, NetworkView } from "../verbs.ts";
import { connectContainer, disconnectContainer } from "./connect.ts";
import { type CreateNeeds, createNetwork } from "./create.ts";
import { membersOf } from "./members.ts";
import { pruneNetworks, removeNetwork } from "./remove.ts";

type Needs = CreateNeeds & Pick<ContainerNeeds, "roster" | "sandboxes" | "logger">;

/** The verbs, bound to this machine's networks. */
export function bindNetworkVerbs(needs: Needs): NetworkVerbs {
  const turn = new PruneTurn();
  return {
    list: (filters) => {
      const dangling = (network: Network): boolean => membersOf(needs, network).length === 0;
      return filterNetworks(needs.networks.all(), filters, dangling).map((network) => viewNetwork(needs, network));
    },
    get: (reference) => viewNetwork(needs, needs.networks.find(reference)),
    create: (request) => createNetwork(needs, request),
    remove: (reference) => removeNetwork(needs, reference),
    connect: (reference, container, asked) => connectContainer(needs, { reference, container, asked }),
    disconnect: (reference, container, { force }) => disconnectContainer(needs, { reference, container, force }),
    prune: (filters) => pruneNetworks(needs, turn, filters),
  };
}

function viewNetwork(needs: Needs, network: Network): NetworkView {
  const { bridge } = needs.fabric;
  return { network, containers: membersOf(needs, network), ...(network.name === "bridge" && bridge !== undefined && { bridge }) };
}

/** Those that pass every filter; values of one key are alternatives, labels are conditions each. Docker's own never dangle. */
export function filterNetworks(
  networks: readonly Network[],
  filters: NetworkFilters,
  isUnused: (network: Network) => boolean = () => true,
): readonly Network[] {
  const { dangling, driver, id, label, name, scope, type } = filters;
  if (scope !== undefined && !scope.includes("local")) return [];
  const fits = (patterns: readonly string[] | undefined, text: string): boolean =>
    patterns === undefined || patterns.includes(text) || patterns.some((pattern) => compilePattern(pattern)(text));
  return networks.filter((network) => {
    const standing = isStanding(network.name);
    return (
      (type === undefined || type.includes(standing ? "builtin" : "custom")) &&
      (driver === undefined || driver.includes(network.driver)) &&
      (label ?? []).every((condition) => matchesLabel(network.labels ?? {}, condition)) &&
      fits(id, network.id) &&
      fits(name, network.name) &&
      (dangling === undefined || (!standing && isUnused(network)) === dangling)
    );
  });
}
