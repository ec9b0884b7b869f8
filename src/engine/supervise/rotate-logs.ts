// Keeps the logs of running containers small. The monitor only writes; here each log is looked at, often while it grows and seldom while
// it rests, and put away when it is too large. A daemon that is dead rotates nothing.
import { messageOf } from "#base";
import { parseLogLimits, type LogRotation } from "#log";
import { hasLog, logPathOf, type ContainerNeeds } from "../containers/needs.ts";

type Needs = Pick<ContainerNeeds, "roster" | "live" | "rootfs" | "runtime" | "logger"> & { readonly logs: LogRotation };

/** Looks at one log, in ticks: between two of a log that grows, and at most between two of one that rests. */
const pace = { growing: 1, resting: 16 };

interface Watched {
  size: number;
  /** Ticks between looks, and ticks until the next. */
  every: number;
  due: number;
}

export class LogKeeper {
  readonly #needs: Needs;
  readonly #watched = new Map<string, Watched>();
  #tick: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Begins to tick, every `interval` milliseconds, until disposed. */
  run(interval: number): AsyncDisposable {
    const next = (): void => {
      this.#timer = setTimeout(() => {
        this.#tick = this.tick().then(next);
      }, interval).unref();
    };
    next();
    return {
      [Symbol.asyncDispose]: async () => {
        await this.#tick;
        clearTimeout(this.#timer);
      },
    };
  }

  /** One look at every log whose turn it is. */
  async tick(): Promise<void> {
    const running = new Set<string>();
    const looks: Promise<void>[] = [];
    for (const container of this.#needs.roster.all()) {
      if (this.#needs.live.process(container.id) === undefined || !hasLog(container)) continue;
      running.add(container.id);
      const watched = this.#watched.get(container.id) ?? { size: 0, every: pace.growing, due: 0 };
      this.#watched.set(container.id, watched);
      watched.due -= 1;
      if (watched.due > 0) continue;
      looks.push(this.#look(container.id, watched));
    }
    for (const id of this.#watched.keys()) if (!running.has(id)) this.#watched.delete(id);
    await Promise.all(looks);
  }

  async #look(id: string, watched: Watched): Promise<void> {
    const { logs, runtime, roster, logger } = this.#needs;
    const log = roster.get(id)?.spec.host.log ?? { driver: "json-file", options: {} };
    try {
      const limits = parseLogLimits(log.driver, log.options);
      const path = logPathOf(this.#needs, id);
      const size = await logs.size(path);
      watched.every = size === watched.size ? Math.min(watched.every * 2, pace.resting) : pace.growing;
      watched.due = watched.every;
      watched.size = size;
      if (limits.maxSize === undefined || size < limits.maxSize) return;
      await logs.rotate(path, limits.maxFiles - 1);
      await runtime.reopenLog(id);
    } catch (error) {
      // Its container may have ended meanwhile; a log that stays too large is looked at again.
      logger.warn("a log was not rotated", { container: id, error: messageOf(error) });
    }
  }
}
