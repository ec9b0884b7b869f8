import { fault, isFault, messageOf } from "#base";
import { type Container, isLive, isUp, parseSignal } from "#container";
import { announce } from "./announce.ts";
import type { ContainerNeeds } from "./needs.ts";
import { cancelRestart } from "./cancel-restart.ts";
import { unpause } from "./pause.ts";

type KillNeeds = Pick<ContainerNeeds, "roster" | "live" | "restarts" | "runtime" | "announcer">;

/** Sends a signal by name or number. @throws conflict when it does not run, invalid for an unknown signal */
export async function killContainer(needs: KillNeeds, reference: string, signal: string): Promise<void> {
  const number = signalOf(reference, signal === "" ? "SIGKILL" : signal);
  const container = findForKill(needs, reference);
  if (await cancelRestart(needs, container.id)) return;
  const process = needs.live.process(container.id);
  if (process === undefined) throw fault("conflict", `cannot kill container: ${reference}: container ${container.id} is not running`);
  if ((number === 9 || isEndWanted(container, number)) && isUp(container.state))
    await needs.roster.change(container.id, { type: "stop-requested" });
  await process.signal(number);
  announce(needs.announcer, container, "kill", { signal: String(number) });
  await letFeel(needs, container.id, number);
  if (number === 9) await needs.live.ended(container.id);
}

/** Docker takes any signal for a stop of what has a policy, but for those that are not the stop signal that the container names. */
function isEndWanted({ spec, image }: Container, number: number): boolean {
  const stopSignal = spec.stopSignal ?? image.config.stopSignal ?? "";
  return spec.host.restart !== undefined && (stopSignal === "" || parseSignal(stopSignal) === number);
}

function findForKill({ roster }: KillNeeds, reference: string): Container {
  try {
    return roster.find(reference);
  } catch (error) {
    if (!isFault(error, "not-found")) throw error;
    throw fault("not-found", `cannot kill container: ${reference}: ${error.message}`, { cause: error });
  }
}

function signalOf(reference: string, signal: string): number {
  try {
    return parseSignal(signal);
  } catch (error) {
    throw fault("invalid", `cannot kill container: ${reference}: ${messageOf(error)}`, { cause: error });
  }
}

/** A frozen process feels no signal: one that is to end it unpauses the container, as Docker does. */
export async function letFeel(needs: KillNeeds, id: string, number: number): Promise<void> {
  const container = needs.roster.get(id);
  if (container?.state.status !== "paused") return;
  // Thawed is enough for what dies of it: nobody sees it run again.
  if (number === 9) return needs.runtime.resume(id);
  const { stopSignal } = container.spec;
  const asked = stopSignal ?? container.image.config.stopSignal;
  if (asked === undefined || asked === "" || parseSignal(asked) === number) await unpause(needs, id);
}

/** Ends the process, if there is one, and waits until the exit is recorded. One that has just ended by itself was not killed. */
export async function killAndWait(needs: KillNeeds, id: string): Promise<void> {
  await cancelRestart(needs, id);
  const process = needs.live.process(id);
  if (process === undefined) return;
  if (isRunning(needs, id)) {
    await needs.roster.change(id, { type: "stop-requested" });
    await process.signal(9);
    const container = needs.roster.get(id);
    if (container !== undefined && isLive(container.state)) announce(needs.announcer, container, "kill", { signal: "9" });
    await letFeel(needs, id, 9);
  }
  await needs.live.ended(id);
}

function isRunning({ roster }: KillNeeds, id: string): boolean {
  const container = roster.get(id);
  return container !== undefined && isLive(container.state);
}
