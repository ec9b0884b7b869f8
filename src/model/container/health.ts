// Whether a container is well, by a command that its image or its creator names and that is run in it from time to time.
import type { Instant } from "#base";
import type { HealthCheck } from "#image";
import type { ContainerImage } from "./container.ts";
import type { ContainerSpec } from "./spec.ts";

export interface Health {
  readonly status: "starting" | "healthy" | "unhealthy";
  /** Failures since the last success. */
  readonly failingStreak: number;
  /** The latest, oldest first. */
  readonly log: readonly HealthResult[];
}

export interface HealthResult {
  readonly start: Instant;
  readonly end: Instant;
  /** -1 where the command did not come to its end. */
  readonly code: number;
  readonly output: string;
}

/** What is run, and when; times in milliseconds. */
export interface HealthPlan {
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  /** How long failures do not count. */
  readonly startPeriod: number;
  /** In place of `interval` meanwhile. */
  readonly startInterval: number;
  readonly retries: number;
}

const keptResults = 5;
const defaults = { interval: 30_000, timeout: 30_000, startInterval: 5000, retries: 3 };

export const beginningHealth: Health = { status: "starting", failingStreak: 0, log: [] };

/** The container's check: its own words over its image's. Zero means that nothing was said. */
export function healthCheckOf(spec: ContainerSpec, image: ContainerImage): HealthCheck | undefined {
  const [own, below] = [spec.healthcheck, image.config.healthcheck];
  if (own === undefined || below === undefined) return own ?? below;
  const said = Object.entries(own).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value !== 0));
  return { ...below, ...(Object.fromEntries(said) as HealthCheck) };
}

/** What is to be run; undefined where nothing is. */
export function planHealth(spec: ContainerSpec, image: ContainerImage): HealthPlan | undefined {
  const check = healthCheckOf(spec, image);
  const [kind, ...words] = check?.test ?? [];
  if (check === undefined || (kind !== "CMD" && kind !== "CMD-SHELL") || words.length === 0) return undefined;
  const shell = image.config.shell ?? ["/bin/sh", "-c"];
  const millis = (nanos: number | undefined): number => (nanos ?? 0) / 1e6;
  return {
    command: kind === "CMD" ? words : [...shell, ...words],
    interval: millis(check.interval) || defaults.interval,
    timeout: millis(check.timeout) || defaults.timeout,
    startPeriod: millis(check.startPeriod),
    startInterval: millis(check.startInterval) || defaults.startInterval,
    retries: check.retries === undefined || check.retries === 0 ? defaults.retries : check.retries,
  };
}

/** `isBeginning`: within the start period, in which failures of what was never well do not count. */
export function afterProbe(
  health: Health,
  result: HealthResult,
  { retries, isBeginning }: { retries: number; isBeginning: boolean },
): Health {
  const log = [...health.log, result].slice(-keptResults);
  if (result.code === 0) return { status: "healthy", failingStreak: 0, log };
  if (isBeginning && health.status === "starting") return { ...health, log };
  const failingStreak = health.failingStreak + 1;
  return { status: failingStreak >= retries ? "unhealthy" : health.status, failingStreak, log };
}
