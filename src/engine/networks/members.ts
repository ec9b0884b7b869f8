// Who is on which network under which names: what inspect shows, and what names are answered from.
import { shortId } from "#base";
import { type Container, endpointSpecsOf, type EndpointSpec } from "#container";
import { type Attachment, attachmentsOf, type Network } from "#network";
import type { Roster } from "../containers/roster.ts";
import type { Sandboxes } from "../containers/sandboxes.ts";
import type { Networks } from "./networks.ts";

export interface MemberNeeds {
  readonly roster: Pick<Roster, "all">;
  readonly sandboxes: Pick<Sandboxes, "endpoint">;
  readonly networks: Pick<Networks, "all">;
}

/** A container that is in a network now. */
export interface Member {
  readonly containerId: string;
  readonly containerName: string;
  readonly attachment: Attachment;
  /** What it is called there, its name first. */
  readonly names: readonly string[];
}

/** The containers that are in a network now. */
export function membersOf({ roster, sandboxes }: MemberNeeds, network: Network): readonly Member[] {
  const networkId = network.name === "bridge" ? undefined : network.id;
  return roster.all().flatMap((container) => {
    const endpoint = sandboxes.endpoint(container.sandboxId);
    if (endpoint === undefined) return [];
    const attachment =
      network.driver === "bridge"
        ? attachmentsOf(endpoint).find((each) => each.networkId === networkId)
        : container.spec.host.network === network.name
          ? { endpointId: endpoint.endpointId, address: "", prefixLength: 0, mac: "" }
          : undefined;
    if (attachment === undefined) return [];
    const spec = endpointSpecsOf(container.spec.host).find((each) => each.network === network.name);
    return [{ containerId: container.id, containerName: container.name, attachment, names: namesIn(container, spec) }];
  });
}

/** What a container is called in a network that somebody made. */
export function namesIn({ id, name }: Pick<Container, "id" | "name">, spec: EndpointSpec | undefined): readonly string[] {
  return [...new Set([name, ...(spec?.aliases ?? []), shortId(id)])];
}
