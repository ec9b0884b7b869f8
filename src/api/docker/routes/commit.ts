import type { ImageRuntimeConfig } from "#image";
import { commitRequest, type CommitBody } from "#wire";
import type { Handlers } from "../call.ts";
import { healthCheckOf } from "../health-check.ts";
import { parseExposedPorts } from "../ports.ts";
import { targetReference } from "../target-reference.ts";

/** A container becomes an image. */
export const commitRoutes: Handlers<"commit"> = {
  commit: async ({ exchange, query, verbs }) => {
    const name = targetReference(query.repo, query.tag);
    const body = (await exchange.json(commitRequest))?.value;
    const config = body === undefined ? undefined : configOf(body);
    const id = await verbs.containers.commit(query.container ?? "", {
      ...(name !== undefined && { name }),
      author: query.author ?? "",
      comment: query.comment ?? "",
      changes: query.changes,
      ...(config !== undefined && { config }),
      pause: query.pause,
      signal: exchange.signal,
    });
    exchange.reply(201, { Id: id });
  },
};

/** Undefined where the body says nothing, as Docker's own client has it. */
function configOf(body: CommitBody): ImageRuntimeConfig | undefined {
  const { User: user, Env: env, Cmd: command, Entrypoint: entrypoint, WorkingDir: workingDir, StopSignal: stopSignal } = body;
  const labels = Object.fromEntries(body.Labels);
  const exposedPorts = [...body.ExposedPorts.keys()].flatMap(parseExposedPorts);
  const volumes = [...body.Volumes.keys()];
  const { healthcheck } = healthCheckOf(body);
  const words = [user, workingDir, stopSignal, ...env, ...exposedPorts, ...volumes, ...Object.keys(labels), ...body.OnBuild];
  if (command === undefined && healthcheck === undefined && entrypoint === undefined && words.every((word) => word === ""))
    return undefined;
  return {
    user,
    env,
    ...(entrypoint !== undefined && { entrypoint }),
    ...(command !== undefined && { command }),
    workingDir,
    labels,
    exposedPorts,
    volumes,
    ...(stopSignal !== "" && { stopSignal }),
    ...(healthcheck !== undefined && { healthcheck }),
    ...(body.OnBuild.length > 0 && { onBuild: body.OnBuild }),
    ...(body.Shell !== undefined && { shell: body.Shell }),
  };
}
