import { type Digest, streamOf } from "#base";
import { argumentsOf, type Container, effectiveConfig, isUp } from "#container";
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
  return config === undefined ? applyChanges(own, changes) : merged(applyChanges(config, changes), own);
}

function merged(config: ImageRuntimeConfig, below: ImageRuntimeConfig): ImageRuntimeConfig {
  const names = new Set(config.env.map((entry) => entry.split("=", 1)[0]));
  const command = config.command ?? (config.entrypoint === undefined ? below.command : undefined);
  const entrypoint = config.entrypoint ?? below.entrypoint;
  const stopSignal = config.stopSignal ?? below.stopSignal;
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
  };
}
