// What a container really runs: the image's words where the caller said nothing.
import type { ImageRuntimeConfig } from "#image";
import type { ContainerImage } from "./container.ts";
import { healthCheckOf } from "./health.ts";
import type { ContainerSpec, HostSpec } from "./spec.ts";

/** Entrypoint and command apart, as inspect shows them. An entrypoint of the caller drops the image's command; [""] drops the image's entrypoint. */
export function commandPartsOf(
  spec: ContainerSpec,
  image: ContainerImage,
): { readonly entrypoint: readonly string[]; readonly command: readonly string[] } {
  const own = spec.entrypoint ?? [];
  if (own.length > 0) return { entrypoint: own.length === 1 && own[0] === "" ? [] : own, command: spec.command ?? [] };
  const entrypoint = spec.entrypoint === undefined ? (image.config.entrypoint ?? []) : [];
  const command = spec.command !== undefined && spec.command.length > 0 ? spec.command : (image.config.command ?? []);
  return { entrypoint, command };
}

/** The whole argument list. Empty when neither caller nor image says any. */
export function argumentsOf(spec: ContainerSpec, image: ContainerImage): readonly string[] {
  const { entrypoint, command } = commandPartsOf(spec, image);
  return [...entrypoint, ...command];
}

/** The container's variables as inspect shows them: its own, then the image's that it does not name. */
export function environmentOf(spec: ContainerSpec, image: ContainerImage): readonly string[] {
  const named = new Set(spec.env.map(variableName));
  return [...spec.env, ...image.config.env.filter((entry) => !named.has(variableName(entry)))];
}

/** The part before "=". */
export function variableName(entry: string): string {
  return entry.split("=", 1)[0] ?? entry;
}

/** The network's own name ("container:ID" for that of another), where the caller may have said "default" for it. */
export function networkNameOf({ networkName }: Pick<HostSpec, "networkName">): string {
  return networkName === "default" ? "bridge" : networkName;
}

/** What an image that is made of this container says: the container's words over its image's. */
export function effectiveConfig(spec: ContainerSpec, image: ContainerImage): ImageRuntimeConfig {
  const { config } = image;
  const { entrypoint, command } = commandPartsOf(spec, image);
  const stopSignal = spec.stopSignal ?? config.stopSignal;
  const healthcheck = healthCheckOf(spec, image);
  return {
    user: spec.user === "" ? config.user : spec.user,
    env: environmentOf(spec, image),
    ...(entrypoint.length > 0 && { entrypoint }),
    ...(command.length > 0 && { command }),
    workingDir: spec.workingDir ?? config.workingDir,
    labels: { ...config.labels, ...spec.labels },
    exposedPorts: [...new Set([...spec.exposedPorts, ...config.exposedPorts])],
    volumes: [...new Set([...(spec.volumePaths ?? []), ...config.volumes])],
    ...(stopSignal !== undefined && { stopSignal }),
    ...(healthcheck !== undefined && { healthcheck }),
  };
}
