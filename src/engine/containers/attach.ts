import { fault } from "#base";
import type { TerminalSize } from "#container";
import type { LogQuery } from "#log";
import type { AttachedContainer, ContainerVerbs } from "../verbs.ts";
import { announce } from "./announce.ts";
import { hasLog, logPathOf, type ContainerNeeds } from "./needs.ts";

/** Attaches to what runs, or to what the next start will run. */
export async function attachContainer(
  needs: Pick<ContainerNeeds, "roster" | "live" | "announcer">,
  reference: string,
): Promise<AttachedContainer> {
  const container = needs.roster.find(reference);
  if (container.state.status === "paused") throw fault("conflict", `container ${reference} is paused, unpause the container before attach`);
  if (container.state.status === "restarting")
    throw fault("conflict", `container ${reference} is restarting, wait until the container is running`);
  const process = needs.live.process(container.id);
  const attachment = process === undefined ? needs.live.attachLater(container.id) : await process.attach();
  announce(needs.announcer, container, "attach");
  return { tty: container.spec.tty, attachment, detached: () => announce(needs.announcer, container, "detach") };
}

/** Sets the terminal's size. @throws conflict when the container does not run */
export async function resizeContainer(
  needs: Pick<ContainerNeeds, "roster" | "live" | "announcer">,
  reference: string,
  size: TerminalSize,
): Promise<void> {
  const container = needs.roster.find(reference);
  const process = needs.live.process(container.id);
  if (process === undefined) throw fault("conflict", `container ${container.id} is not running`);
  if (container.spec.tty) await process.resize(size);
  announce(needs.announcer, container, "resize", { height: String(size.rows), width: String(size.columns) });
}

/** Reads the log; with `follow` until the container has ended or the signal aborts. */
export function readLogs(
  needs: Pick<ContainerNeeds, "roster" | "live" | "logReader" | "rootfs">,
  reference: string,
  options: { readonly query: LogQuery; readonly signal: AbortSignal },
): ReturnType<ContainerVerbs["logs"]> {
  const container = needs.roster.find(reference);
  if (!hasLog(container)) throw fault("unsupported", "configured logging driver does not support reading");
  const ended = needs.live.ended(container.id);
  const batches = needs.logReader.read(logPathOf(needs, container.id), options.query, { ended, signal: options.signal });
  return { tty: container.spec.tty, batches };
}
