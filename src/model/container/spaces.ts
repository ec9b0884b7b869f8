// Namespaces that a container shares with the host or with others, and what cannot be said then.
import { fault } from "#base";
import type { ContainerSpec, HostSpec } from "./spec.ts";

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

/** What a container of a daemon with user namespaces cannot have, unless it asks for the host's. @throws invalid, in Docker's sentences as far as it has them */
export function checkUserSpace(host: HostSpec): void {
  const { privileged, network, networkName, pidMode, ipcMode, usernsMode, binds, imageMounts = [] } = host;
  if (usernsMode === "host") return;
  // Namespaces of one user namespace go together, and whose network it is decides whose users.
  const usersOf = network === "container" ? otherContainerOf(networkName) : undefined;
  const conflicts: readonly (readonly [boolean | undefined, string])[] = [
    [
      privileged,
      "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode",
    ],
    [network === "host", "cannot share the host's network namespace when user namespaces are enabled"],
    [pidMode === "host", "cannot share the host PID namespace when user namespaces are enabled"],
    [ipcMode === "host", "cannot share the host's IPC namespace when user namespaces are enabled"],
    [
      [pidMode, ipcMode].map(otherContainerOf).some((other) => other !== undefined && other !== usersOf),
      "sharing the PID or IPC namespace of a container without its network is not supported by gantry yet when user namespaces are enabled",
    ],
    [imageMounts.length > 0, "mounts of type image are not supported by gantry yet when user namespaces are enabled"],
    [
      binds.some(({ owner, nonRecursive = false }) => owner !== undefined || nonRecursive),
      "binds with an owner of their own or without what is mounted below are not supported by gantry yet when user namespaces are enabled",
    ],
  ];
  for (const [isConflict, sentence] of conflicts) if (isConflict === true) throw fault("invalid", sentence);
}
