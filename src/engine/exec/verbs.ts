import { fault, isFault, messageOf } from "#base";
import { type Attachment, type Container, type MonitoredProcess, type OutputChunk, planExecProcess, type TerminalSize } from "#container";
import type { ContainerNeeds } from "../containers/needs.ts";
import { announce } from "../containers/announce.ts";
import { endsWithin } from "../ends-within.ts";
import type { ExecSpec, ExecVerbs } from "../verbs.ts";
import type { ExecSession, ExecSessions } from "./exec-sessions.ts";

type Needs = Pick<ContainerNeeds, "roster" | "live" | "runtime" | "rootfs" | "machine" | "announcer" | "logger"> & {
  readonly sessions: ExecSessions;
};
type StartOptions = Parameters<ExecVerbs["start"]>[1];

/** The exec verbs, bound to this machine's adapters. */
export function bindExecVerbs(needs: Needs): ExecVerbs {
  return {
    create: (container, spec) => createExec(needs, container, spec),
    start: (id, options) => startExec(needs, id, options),
    get: (id) => {
      const session = needs.sessions.find(id);
      if (needs.roster.get(session.containerId) === undefined) throw fault("not-found", `No such exec instance: ${id}`);
      return needs.sessions.view(session);
    },
    resize: (id, size) => resizeExec(needs, id, size),
  };
}

async function createExec(needs: Needs, reference: string, spec: ExecSpec): Promise<string> {
  const container = needs.roster.find(reference);
  if (spec.command.length === 0) throw fault("invalid", "No exec command specified");
  requireRunning(needs, container, reference);
  const pid = needs.live.process(container.id)?.pid ?? 0;
  // Whoever names a user hears at once that there is none.
  if (spec.user !== "") await needs.rootfs.lookupUser({ pid }, spec.user, []);
  needs.sessions.forget((id) => needs.live.process(id) !== undefined);
  const session = needs.sessions.create(container.id, spec);
  announce(needs.announcer, container, `exec_create: ${spec.command.join(" ")}`, { execID: session.id });
  return session.id;
}

async function startExec(needs: Needs, id: string, options: StartOptions): ReturnType<ExecVerbs["start"]> {
  const session = needs.sessions.find(id);
  const container = needs.roster.find(session.containerId);
  if (session.phase === "exited") throw fault("conflict", `exec command ${id} has already run`);
  if (session.phase !== "created") throw fault("conflict", `exec command ${id} is already running`);
  requireRunning(needs, container, container.id);
  session.phase = "starting";
  const { spec } = session;
  const process = needs.live.process(container.id);
  announce(needs.announcer, container, `exec_start: ${spec.command.join(" ")}`, { execID: session.id });
  try {
    const attachment = await launch(needs, { session, container }, options);
    const detached = (): void => announce(needs.announcer, container, "exec_detach", { execID: session.id });
    return { tty: spec.tty, ...(attachment !== undefined && { attachment }), detached };
  } catch (error) {
    session.phase = "exited";
    session.code = codeOf(error);
    // Paused between the look at it and the runtime's.
    if (needs.roster.get(container.id)?.state.status === "paused") throw pausedConflict(container.id);
    if (isOfCommand(error) || !(await endsSoon(needs, container.id, process))) throw error;
    throw fault("conflict", `container ${container.id} is not running`, { cause: error });
  }
}

/** Milliseconds from a process's death until its exit is known. */
const exitDelay = 3000;

/** Whether what an exec tripped over is the end of its container, whose traces vanish one by one. */
async function endsSoon({ live }: Needs, id: string, process: MonitoredProcess | undefined): Promise<boolean> {
  if (process === undefined || live.process(id) !== process) return true;
  const exited = process.exited.then(() => undefined);
  return (await endsWithin(exited, exitDelay)) || live.process(id) !== process;
}

async function launch(
  needs: Needs,
  parts: { readonly session: ExecSession; readonly container: Container },
  options: StartOptions,
): Promise<Attachment | undefined> {
  const { session, container } = parts;
  const { spec } = session;
  const size = options.size ?? spec.size;
  const pid = needs.live.process(container.id)?.pid ?? 0;
  const user = await needs.rootfs.lookupUser(
    { pid },
    spec.user || container.spec.user || container.image.config.user,
    container.spec.host.groupAdd ?? [],
  );
  const planned = planExecProcess({ container, exec: { ...spec, ...(size !== undefined && { size }) }, user, machine: needs.machine });
  const process = await needs.runtime.exec({
    containerId: container.id,
    execId: session.id,
    process: planned,
    tty: spec.tty,
    openStdin: spec.attachStdin,
    detach: options.detach,
  });
  session.process = process;
  session.phase = "running";
  const attachment = options.detach ? undefined : await process.attach();
  const recorded = process.exited.then((exit) => {
    session.phase = "exited";
    session.code = exit.code;
    announce(needs.announcer, container, "exec_die", { execID: session.id, exitCode: String(exit.code) });
  });
  needs.live.behind(
    recorded.then(() => process[Symbol.asyncDispose]()),
    (error) => needs.logger.error("exit of an exec was not recorded", { exec: session.id, error: messageOf(error) }),
  );
  return attachment === undefined ? undefined : endingAfter(attachment, recorded);
}

/** How long the end of the output waits for the exit, in milliseconds: a process may close its streams and live on. */
const exitGrace = 2000;

/** Clients ask for the exit code when the output ends, so it must be known by then. */
function endingAfter(attachment: Attachment, recorded: Promise<void>): Attachment {
  return {
    output: outputUntil(attachment.output, recorded),
    write: (bytes) => attachment.write(bytes),
    end: () => attachment.end(),
    [Symbol.asyncDispose]: () => attachment[Symbol.asyncDispose](),
  };
}

async function* outputUntil(output: AsyncIterable<OutputChunk>, recorded: Promise<void>): AsyncGenerator<OutputChunk> {
  yield* output;
  await endsWithin(recorded, exitGrace);
}

async function resizeExec(needs: Needs, id: string, size: TerminalSize): Promise<void> {
  const session = needs.sessions.find(id);
  if (session.phase !== "running" || session.process === undefined) throw fault("conflict", `exec ${id} is not running`);
  await session.process.resize(size);
}

function pausedConflict(reference: string): Error {
  return fault("conflict", `Container ${reference} is paused, unpause the container before exec`);
}

function requireRunning(needs: Pick<Needs, "live">, container: Container, reference: string): void {
  if (container.state.status === "paused") throw pausedConflict(reference);
  if (container.state.status === "restarting")
    throw fault("conflict", `Container ${container.id} is restarting, wait until the container is running`);
  if (needs.live.process(container.id) === undefined) throw fault("conflict", `container ${container.id} is not running`);
}

function codeOf(error: unknown): number {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "number" ? cause.code : 126;
}

/** The command is missing, or may not be run: nothing that comes of the container's end. */
function isOfCommand(error: unknown): boolean {
  return isFault(error, "invalid");
}
