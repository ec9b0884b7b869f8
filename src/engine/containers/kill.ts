import { fault, isFault, messageOf } from "#base";
import { type Container, parseSignal } from "#container";
import { announce } from "./announce.ts";
import type { ContainerNeeds } from "./needs.ts";

type KillNeeds = Pick<ContainerNeeds, "roster" | "live" | "announcer">;

/** Sends a signal by name or number. @throws conflict when it does not run, invalid for an unknown signal */
export async function killContainer(needs: KillNeeds, reference: string, signal: string): Promise<void> {
  const number = signalOf(reference, signal === "" ? "SIGKILL" : signal);
  const container = findForKill(needs, reference);
  const process = needs.live.process(container.id);
  if (process === undefined) throw fault("conflict", `cannot kill container: ${reference}: container ${container.id} is not running`);
  if (number === 9 && container.state.status === "running") await needs.roster.change(container.id, { type: "stop-requested" });
  await process.signal(number);
  announce(needs.announcer, container, "kill", { signal: String(number) });
  if (number === 9) await needs.live.ended(container.id);
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

/** Ends the process, if there is one, and waits until the exit is recorded. */
export async function killAndWait(needs: KillNeeds, id: string): Promise<void> {
  const process = needs.live.process(id);
  if (process === undefined) return;
  await needs.roster.change(id, { type: "stop-requested" });
  await process.signal(9);
  const container = needs.roster.get(id);
  if (container !== undefined) announce(needs.announcer, container, "kill", { signal: "9" });
  await needs.live.ended(id);
}
