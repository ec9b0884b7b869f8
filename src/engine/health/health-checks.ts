// Runs the health checks of containers that are up, each from the end of the last one. Nothing in here outlives the daemon: the next one
// begins anew with what it finds running.
import { messageOf, now } from "#base";
import { afterProbe, beginningHealth, type Container, type Health, type HealthPlan, type HealthResult, isUp, planHealth } from "#container";
import { announce } from "../containers/announce.ts";
import type { ContainerNeeds } from "../containers/needs.ts";
import { endsWithin } from "../ends-within.ts";

type HealthNeeds = Pick<ContainerNeeds, "roster" | "announcer" | "logger">;

/** One command in a container: what it prints, its code, and how it is ended. */
export interface Probe {
  readonly output: AsyncIterable<Uint8Array>;
  readonly code: Promise<number>;
  kill(): Promise<void>;
}

/** Bytes of a result's output; what comes behind them is told by dots. */
const outputLimit = 4096;

export class HealthChecks {
  readonly #watches = new Map<string, AbortController>();
  #looks = 0;
  #failures = 0;
  #needs: HealthNeeds | undefined;
  #probe: (id: string, command: readonly string[]) => Promise<Probe> = () => Promise.reject(new Error("health checks have not begun"));

  /** Checks that came to an end since the daemon's start. */
  get looks(): number {
    return this.#looks;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Says how a command is run in a container, and begins with those that an earlier daemon left running. */
  begin(needs: HealthNeeds, probe: (id: string, command: readonly string[]) => Promise<Probe>): void {
    this.#needs = needs;
    this.#probe = probe;
    for (const { id, state } of needs.roster.all()) if (isUp(state)) this.watch(id);
  }

  /** From now on, if the container has a check. */
  watch(id: string): void {
    const needs = this.#needs;
    const container = needs?.roster.get(id);
    const plan = container && planHealth(container.spec, container.image);
    if (needs === undefined || container === undefined || plan === undefined) return;
    this.stop(id);
    const watch = new AbortController();
    this.#watches.set(id, watch);
    needs.roster.replace({ ...container, health: beginningHealth });
    this.#run(needs, { id, plan, signal: watch.signal }).catch((error: unknown) =>
      needs.logger.error("health checks ended", { container: id, error: messageOf(error) }),
    );
  }

  /** The container has ended. Docker calls it unhealthy then. */
  stop(id: string): void {
    this.#watches.get(id)?.abort();
    if (!this.#watches.delete(id)) return;
    const container = this.#needs?.roster.get(id);
    if (container?.health !== undefined)
      this.#needs?.roster.replace({ ...container, health: { ...container.health, status: "unhealthy" } });
  }

  async #run(needs: HealthNeeds, { id, plan, signal }: Watch): Promise<void> {
    for (;;) {
      await sleep(intervalOf(needs.roster.get(id), plan), signal);
      const state = needs.roster.get(id)?.state;
      if (signal.aborted || state === undefined || !isUp(state)) return;
      if (state.status === "paused") continue;
      const result = await this.#look(id, plan);
      this.#looks += 1;
      if (result.code !== 0) this.#failures += 1;
      const container = needs.roster.get(id);
      // What ends while it is looked at is not ill of that.
      if (signal.aborted || container?.health === undefined || container.state.status !== "running") continue;
      const health = afterProbe(container.health, result, { retries: plan.retries, isBeginning: isBeginning(container, plan) });
      needs.roster.replace({ ...container, health });
      if (health.status !== container.health.status) announce(needs.announcer, container, `health_status: ${health.status}`);
    }
  }

  async #look(id: string, { command, timeout }: HealthPlan): Promise<HealthResult> {
    const start = now();
    try {
      const probe = await this.#probe(id, command);
      const collected = collect(probe.output);
      const code = probe.code;
      if (
        await endsWithin(
          code.then(() => undefined),
          timeout,
        )
      )
        return { start, end: now(), code: await code, output: await collected };
      await probe.kill();
      await code;
      return { start, end: now(), code: -1, output: `Health check exceeded timeout (${timeText(timeout)})` };
    } catch (error) {
      return { start, end: now(), code: -1, output: messageOf(error) };
    }
  }
}

interface Watch {
  readonly id: string;
  readonly plan: HealthPlan;
  readonly signal: AbortSignal;
}

function intervalOf(container: Container | undefined, plan: HealthPlan): number {
  return container !== undefined && isStarting(container.health) && isBeginning(container, plan) ? plan.startInterval : plan.interval;
}

function isStarting(health: Health | undefined): boolean {
  return health === undefined || health.status === "starting";
}

function isBeginning({ state }: Container, { startPeriod }: HealthPlan): boolean {
  return isUp(state) && Number(now() - state.startedAt) / 1e6 < startPeriod;
}

async function collect(output: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of output) {
    if (size <= outputLimit) chunks.push(chunk);
    size += chunk.length;
  }
  const text = Buffer.concat(chunks).subarray(0, outputLimit).toString("utf8");
  return size > outputLimit ? `${text}...` : text;
}

/** As Go writes a time: "200ms", "30s". */
function timeText(millis: number): string {
  if (millis < 1000) return `${millis}ms`;
  const [minutes, seconds] = [Math.floor(millis / 60_000), (millis % 60_000) / 1000];
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`;
}

/** Resolves after that time, or when the signal aborts. */
function sleep(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, millis).unref();
    signal.addEventListener("abort", done);
  });
}
