import { fault } from "#base";
import type { HostSpec } from "#container";
import type { ContainerNeeds } from "./needs.ts";

/** Where packages put a small init that is linked statically, since it must run in any root. */
const usualPlaces = [
  "/usr/bin/docker-init",
  "/usr/libexec/docker/docker-init",
  "/usr/local/bin/docker-init",
  "/usr/bin/tini-static",
  "/usr/local/bin/tini-static",
  "/usr/bin/catatonit",
  "/usr/libexec/podman/catatonit",
];

/** The host's init program for a container that asks for one and has processes of its own. @throws unavailable where there is none */
export async function findInit(
  { bindSources, defaults }: Pick<ContainerNeeds, "bindSources" | "defaults">,
  { init = false, pidMode }: HostSpec,
): Promise<string | undefined> {
  if (!init || pidMode !== undefined) return undefined;
  const { initPath } = defaults();
  const places = initPath === undefined ? usualPlaces : [initPath];
  for (const place of places) if ((await bindSources.look(place)) === "file") return place;
  const where = initPath === undefined ? "install tini, or set init-path" : `init-path ${initPath} is no file`;
  throw fault("unavailable", `no init program for --init: ${where}`);
}
