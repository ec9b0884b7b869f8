import { type Digest, streamOf } from "#base";
import { argumentsOf, type Container, effectiveConfig, isUp, parseSignal } from "#container";
import { applyChanges, formatFamiliar, type ImageRuntimeConfig } from "#image";
import type { CommitRequest } from "../verbs.ts";
import { announce } from "./announce.ts";
import type { ContainerNeeds } from "./needs.ts";
import { pauseContainer, unpause } from "./pause.ts";

type CommitNeeds = Pick<ContainerNeeds, "roster" | "runtime" | "announcer" | "rootfs" | "files" | "composeImage">;

/** Makes an image of a container: what it wrote becomes a layer over its image. Where it runs it stands still meanwhile. @throws not-found, invalid */
export async function commitContainer(needs: CommitNeeds, reference: string, request: CommitRequest): Promise<Digest> {
  const container = needs.roster.find(reference);
  const runtime = configOf(container, request);
  const paused = request.pause && isUp(container.state) && container.state.status !== "paused";
  if (paused) await pauseContainer(needs, container.id);
  try {
    return await commit(needs, container, { ...request, runtime });
  } finally {
    if (paused) await unpause(needs, container.id);
  }
}

async function commit(
  needs: CommitNeeds,
  { id, image, spec }: Container,
  { name, author, comment, runtime, signal }: CommitRequest & { readonly runtime: ImageRuntimeConfig },
): Promise<Digest> {
  const layers = await needs.rootfs.layers(id, image.layers);
  const composition = {
    base: image,
    layer: streamOf(needs.files.layer(layers)),
    runtime,
    author,
    comment,
    createdBy: argumentsOf(spec, image).join(" "),
    event: "create" as const,
    ...(name !== undefined && { name }),
  };
  const made = await needs.composeImage(composition, signal);
  const imageRef = name === undefined ? "" : formatFamiliar(name);
  announce(needs.announcer, needs.roster.find(id), "commit", { comment, imageID: made.id, imageRef });
  return made.id;
}

/** A config of the caller's goes before what the container has. */
function configOf({ spec, image }: Container, { config, changes }: CommitRequest): ImageRuntimeConfig {
  const own = effectiveConfig(spec, image);
  const changed = applyChanges(config ?? own, changes);
  // As where a container is told one: a number may be anything but 0.
  if (changed.stopSignal !== undefined && !/^[+-]?\d*[1-9]\d*$/.test(changed.stopSignal)) parseSignal(changed.stopSignal);
  return merged(changed, own);
}

function merged(config: ImageRuntimeConfig, below: ImageRuntimeConfig): ImageRuntimeConfig {
  const names = new Set(config.env.map((entry) => entry.split("=", 1)[0]));
  const hasOwnWords = (config.entrypoint?.length ?? 0) + (config.command?.length ?? 0) > 0;
  const command = hasOwnWords ? config.command : below.command;
  const entrypoint = config.entrypoint ?? below.entrypoint;
  const stopSignal = config.stopSignal ?? below.stopSignal;
  const healthcheck = config.healthcheck === undefined ? below.healthcheck : { ...below.healthcheck, ...config.healthcheck };
  return {
    user: config.user || below.user,
    env: [...config.env, ...below.env.filter((entry) => !names.has(entry.split("=", 1)[0]))],
    ...(entrypoint !== undefined && { entrypoint }),
    ...(command !== undefined && { command }),
    workingDir: config.workingDir || below.workingDir,
    labels: { ...below.labels, ...config.labels },
    exposedPorts: [...new Set([...config.exposedPorts, ...below.exposedPorts])],
    volumes: [...new Set([...config.volumes, ...below.volumes])],
    ...(stopSignal !== undefined && { stopSignal }),
    ...(healthcheck !== undefined && { healthcheck }),
    ...(config.onBuild !== undefined && { onBuild: config.onBuild }),
    ...(config.shell !== undefined && { shell: config.shell }),
  };
}
