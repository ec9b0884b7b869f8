import { type Container, endpointSpecsOf } from "#container";
import { attachmentsOf } from "#network";
import type { ContainerNeeds } from "../containers/needs.ts";
import type { NetworkPlace } from "../verbs.ts";
import type { Networks } from "./networks.ts";
import { namesIn } from "./members.ts";

/** A container's places in networks, where it has or asked for others than the default bridge, host or none. */
export function placesOf(
  { sandboxes, networks }: Pick<ContainerNeeds, "sandboxes"> & { readonly networks: Pick<Networks, "standing"> },
  container: Container,
): { readonly places?: readonly NetworkPlace[] } {
  const { host } = container.spec;
  if (host.endpoints === undefined && host.network !== "network") return {};
  const endpoint = sandboxes.endpoint(container.sandboxId);
  const joined = endpoint === undefined ? [] : attachmentsOf(endpoint);
  const places = endpointSpecsOf(host).map((spec): NetworkPlace => {
    const found = spec.network === "bridge" ? networks.standing("bridge") : undefined;
    const attachment = joined.find(({ networkId }) =>
      found === undefined ? networkId !== undefined && networkId === spec.networkId : networkId === undefined,
    );
    const networkId = found?.id ?? spec.networkId ?? "";
    // The default bridge knows nobody by name.
    const names = found === undefined ? namesIn(container, spec) : [];
    return { spec, networkId, names, ...(attachment !== undefined && { attachment }) };
  });
  return { places };
}
