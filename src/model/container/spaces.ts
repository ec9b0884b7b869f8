// Namespaces that a container shares with the host or with others, and what cannot be said then.
import { fault } from "#base";
import type { ContainerSpec } from "./spec.ts";

/** The container that a mode names ("container:X"); undefined for every other mode. */
export function otherContainerOf(mode: string | undefined): string | undefined {
  return mode?.startsWith("container:") === true ? mode.slice("container:".length) : undefined;
}

/** What a shared namespace leaves no room for. @throws invalid with Docker's sentence */
export function checkSpaces({ hostname, exposedPorts, host }: ContainerSpec): void {
  const { network, utsMode, ports, publishAll = false, lookup = {} } = host;
  const joins = network === "container";
  const conflicts: readonly (readonly [boolean, string])[] = [
    [utsMode === "host" && hostname !== "", "hostname and the UTS mode"],
    [joins && hostname !== "", "hostname and the network mode"],
    [joins && (lookup.servers ?? []).length > 0, "dns and the network mode"],
    [joins && (lookup.extraHosts ?? []).length > 0, "custom host-to-IP mapping and the network mode"],
    [joins && (ports.length > 0 || publishAll), "port publishing and the container type network mode"],
    [joins && exposedPorts.length > 0, "port exposing and the container type network mode"],
  ];
  for (const [isConflict, what] of conflicts) if (isConflict) throw fault("invalid", `conflicting options: ${what}`);
}
