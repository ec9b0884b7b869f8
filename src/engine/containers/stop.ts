import { fault } from "#base";
import { type Container, parseSignal } from "#container";
import type { ContainerVerbs } from "../verbs.ts";
import { announce } from "./announce.ts";
import { cancelRestart } from "./cancel-restart.ts";
import { killAndWait, letFeel } from "./kill.ts";
import type { ContainerNeeds } from "./needs.ts";
import { endsWithin } from "../ends-within.ts";
import { startContainer, type StartNeeds } from "./start.ts";

type StopNeeds = Pick<ContainerNeeds, "roster" | "live" | "restarts" | "runtime" | "announcer" | "defaults">;
type StopOptions = Parameters<ContainerVerbs["stop"]>[1];

/** Asks with the stop signal, waits for the timeout (seconds, -1 for ever), then kills. @throws not-modified when it does not run */
export async function stopContainer(needs: StopNeeds, reference: string, options: StopOptions): Promise<void> {
  const container = needs.roster.find(reference);
  const wasRestarting = await cancelRestart(needs, container.id);
  if (!wasRestarting && needs.live.process(container.id) === undefined) throw fault("not-modified", "container is already stopped");
  await end(needs, container, options);
  announce(needs.announcer, container, "stop");
}

/** Stops where it runs, then starts. */
export async function restartContainer(needs: StartNeeds, reference: string, options: StopOptions): Promise<void> {
  const container = needs.roster.find(reference);
  using _restarting = needs.live.restarting(container.id);
  await cancelRestart(needs, container.id);
  if (needs.live.process(container.id) !== undefined) await end(needs, container, options);
  await startContainer(needs, container.id);
  announce(needs.announcer, container, "restart");
}

async function end(needs: StopNeeds, container: Container, options: StopOptions): Promise<void> {
  const process = needs.live.process(container.id);
  if (process === undefined) return;
  const signal = parseSignal(options.signal || container.spec.stopSignal || container.image.config.stopSignal || "SIGTERM");
  const seconds = options.timeout ?? container.spec.stopTimeout ?? needs.defaults().stopTimeout;
  await needs.roster.change(container.id, { type: "stop-requested" });
  await process.signal(signal);
  announce(needs.announcer, container, "kill", { signal: String(signal) });
  await letFeel(needs, container.id, signal);
  const ended = needs.live.ended(container.id);
  if (seconds < 0) return ended;
  if (await endsWithin(ended, seconds * 1000)) return;
  await killAndWait(needs, container.id);
}
