import { fault, newId, shortId } from "#base";
import type { MonitoredProcess } from "#container";
import type { ExecSpec, ExecView } from "../verbs.ts";

/** One exec: what was asked, and how far it came. Lives as long as its container runs under this daemon. */
export interface ExecSession {
  readonly id: string;
  readonly containerId: string;
  readonly spec: ExecSpec;
  phase: "created" | "starting" | "running" | "exited";
  process?: MonitoredProcess;
  code?: number;
}

/** Execs by id, in memory: no client may rely on them after the container's end. */
export class ExecSessions {
  readonly #sessions = new Map<string, ExecSession>();

  create(containerId: string, spec: ExecSpec): ExecSession {
    const session: ExecSession = { id: newId(), containerId, spec, phase: "created" };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** By id or unique prefix. @throws not-found */
  find(id: string): ExecSession {
    const session = this.#sessions.get(id) ?? this.#byPrefix(id);
    if (session === undefined) throw fault("not-found", `No such exec instance: ${id}`);
    return session;
  }

  /** Ids of the execs of a container that have not ended, for its inspect. */
  idsOf(containerId: string): readonly string[] {
    return [...this.#sessions.values()].filter((it) => it.containerId === containerId && it.phase !== "exited").map((it) => it.id);
  }

  /** Forgets execs whose container does not run any more; its clients had their answers. */
  forget(isRunning: (containerId: string) => boolean): void {
    for (const session of this.#sessions.values()) {
      if (!isRunning(session.containerId)) this.#sessions.delete(session.id);
    }
  }

  view(session: ExecSession): ExecView {
    return {
      id: session.id,
      containerId: session.containerId,
      spec: session.spec,
      running: session.phase === "running",
      pid: session.process?.pid ?? 0,
      ...(session.code !== undefined && { code: session.code }),
    };
  }

  #byPrefix(id: string): ExecSession | undefined {
    const matches =
      id.length < 12 ? [] : [...this.#sessions.values()].filter((it) => it.id.startsWith(shortId(id)) && it.id.startsWith(id));
    return matches.length === 1 ? matches[0] : undefined;
  }
}
