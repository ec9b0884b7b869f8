// What a new daemon does with what it finds: observe, then finish or undo each intent. Containers that run are taken back
// as they are; exits that happened meanwhile are recorded with the truth that the monitor left; what nobody owns is removed, unless rows are
// lost: then nobody knows what is owned, and a container whose row is gone runs on.
import { messageOf, now } from "#base";
import { type Container, type Exit, isLive, type MonitoredProcess } from "#container";
import type { Endpoint } from "#network";
import { type ExitNeeds, recordExit, watchExit } from "../containers/exit.ts";
import type { ContainerNeeds } from "../containers/needs.ts";
import { removeRecord } from "../containers/remove.ts";
import { closeSpaces } from "../containers/spaces.ts";
import { releaseVolumes } from "../containers/volumes.ts";

/** What a daemon needs to take back the world of an earlier one. */
export type AdoptNeeds = ExitNeeds & Pick<ContainerNeeds, "lost">;

type UpState = Extract<Container["state"], { readonly pid: number }>;

/** Restores the world of an earlier daemon. Nothing of one container's trouble keeps another from being adopted. */
export async function adoptContainers(needs: AdoptNeeds): Promise<void> {
  const containers = needs.roster.all();
  // Listed before anything new can begin: a container that is being created has a folder before it has a row.
  const [traces, folders] = await Promise.all([needs.runtime.list(), needs.rootfs.list()]);
  await Promise.all(
    containers.map((container) =>
      adopt(needs, container, folders.includes(container.id)).catch((error: unknown) => {
        needs.logger.error("container could not be adopted", { container: container.id, error: messageOf(error) });
      }),
    ),
  );
  await dropStaleSandboxes(needs);
  await needs.fabric.reconcile(needs.sandboxes.all().map((row) => row.endpoint));
  clearTraces(needs, traces);
  needs.live.behind(removeFolders(needs, folders), (error) => warn(needs, error));
}

async function adopt(needs: ExitNeeds, container: Container, hasFolder: boolean): Promise<void> {
  const { id, state } = container;
  // Its folder went to the trash before a crash took the row's removal with it.
  if (!hasFolder && !isLive(state)) return needs.roster.locked(id, () => removeRecord(needs, container));
  switch (state.status) {
    case "running":
    case "paused":
      return adoptRunning(needs, { ...container, state });
    case "starting":
      return undoStart(needs, container);
    case "removing":
      return needs.roster.locked(id, () => removeRecord(needs, container));
    case "created":
    case "restarting":
    case "exited":
      if (container.spec.host.autoRemove && state.status === "exited") await needs.roster.locked(id, () => removeRecord(needs, container));
      return undefined;
    default:
      return state satisfies never;
  }
}

async function adoptRunning(needs: ExitNeeds, container: Container & { readonly state: UpState }): Promise<void> {
  const { id, spec, state } = container;
  const found = await needs.runtime.adopt(id, {
    pid: state.pid,
    monitorPid: state.monitorPid,
    tty: spec.tty,
    openStdin: spec.openStdin,
    stdinOnce: spec.stdinOnce,
  });
  const endpoint = needs.sandboxes.endpoint(container.sandboxId);
  if (isProcess(found)) {
    if (endpoint !== undefined) await adoptEndpoint(needs, container, endpoint);
    if (state.status === "paused") await adoptPaused(needs, id);
    watchExit(needs, id, found);
    return;
  }
  const exit: Exit = found ?? { code: 255, at: now(), oomKilled: false };
  await recordExit(needs, id, exit);
}

/** A pause that a crash cut off before it froze anything, or an unpause after it had thawed: the container runs. */
async function adoptPaused(needs: ExitNeeds, id: string): Promise<void> {
  if (await needs.runtime.isPaused(id)) return;
  await needs.runtime.resume(id);
  await needs.roster.change(id, { type: "unpaused" });
}

async function adoptEndpoint(needs: ExitNeeds, container: Container, endpoint: Endpoint): Promise<void> {
  const [namespaceFd, ...listeners] = await needs.runtime.kept(container.id);
  await needs.fabric.adopt(endpoint, container.id, namespaceFd, listeners);
}

/** A start that a crash cut off never happened: its process, if any, goes. */
async function undoStart(needs: ExitNeeds, container: Container): Promise<void> {
  await needs.runtime.delete(container.id);
  const message = "the daemon ended while the container was starting";
  const undone = await needs.roster.change(container.id, { type: "start-failed", message, code: 128, at: now() });
  await closeSpaces(needs, undone);
  if (container.spec.host.volumes !== undefined) await releaseVolumes(needs, undone);
  if (container.spec.host.autoRemove) await needs.roster.locked(container.id, () => removeRecord(needs, undone));
}

/** A sandbox whose container does not run any more is given back. */
async function dropStaleSandboxes(needs: AdoptNeeds): Promise<void> {
  for (const row of needs.sandboxes.all()) {
    const holder = needs.roster.get(row.containerId);
    if (holder === undefined && needs.lost.any) continue;
    if (holder !== undefined && isLive(holder.state) && holder.sandboxId === row.endpoint.sandboxId) continue;
    await needs.fabric.release(row.endpoint, row.containerId);
    await needs.sandboxes.remove(row.endpoint.sandboxId);
  }
}

/**
 * What a crash left in the kernel and with the runtime of containers that do not run: creates, `--rm` runs, and starts whose intent was
 * not on disk yet. Nothing waits for it but the next start of the same container.
 */
function clearTraces(needs: AdoptNeeds, traces: readonly string[]): void {
  for (const id of traces) {
    const container = needs.roster.get(id);
    if (container === undefined ? needs.lost.any : isLive(container.state)) continue;
    // An exit that was found while adopting is being cleared away already.
    const cleared = needs.live.cleaned(id).then(() => needs.runtime.delete(id));
    needs.live.cleanUp(id, cleared, (error) => warn(needs, error));
  }
}

async function removeFolders(needs: AdoptNeeds, folders: readonly string[]): Promise<void> {
  if (needs.lost.any) return;
  for (const id of folders) {
    if (needs.roster.get(id) === undefined) await needs.rootfs.remove(id);
  }
}

function warn(needs: ExitNeeds, error: unknown): void {
  needs.logger.warn("debris was not removed", { error: messageOf(error) });
}

function isProcess(found: MonitoredProcess | Exit | undefined): found is MonitoredProcess {
  return found !== undefined && "exited" in found;
}
