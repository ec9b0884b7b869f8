import type { Announcer } from "#event";
import type { Network } from "#network";

/** Announces something that happened to a network, or to a container in it. */
export function announceNetwork(
  announcer: Announcer,
  { id, name, driver }: Pick<Network, "id" | "name" | "driver">,
  action: "create" | "destroy" | "connect" | "disconnect",
  containerId?: string,
): void {
  const attributes = { ...(containerId !== undefined && { container: containerId }), name, type: driver };
  announcer.announce({ type: "network", action, actorId: id, attributes });
}
