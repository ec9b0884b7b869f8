import { durationSeconds } from "#base";
import { bool, type Flag, type FlagValues, int, text } from "./flag.ts";

const duration = (name: string, usage: string): Flag =>
  text(name, usage, { valueName: "duration", check: (value) => void parseDuration(value) });

export const healthFlags: readonly Flag[] = [
  text("health-cmd", "Command to run to check health"),
  duration("health-interval", "Time between running the check (ms|s|m|h) (default 0s)"),
  int("health-retries", "Consecutive failures needed to report unhealthy"),
  duration("health-start-interval", "Time between running the check during the start period (ms|s|m|h) (default 0s)"),
  duration(
    "health-start-period",
    "Start period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)",
  ),
  duration("health-timeout", "Maximum time to allow one check to run (ms|s|m|h) (default 0s)"),
  bool("no-healthcheck", "Disable any container-specified HEALTHCHECK"),
];

const times = ["interval", "timeout", "start-period", "start-interval"] as const;

/** Config's health check; absent where nothing was asked. @throws Error in Docker's words */
export function healthcheckOf(flags: FlagValues): { readonly Healthcheck?: object } {
  const command = flags.text("health-cmd");
  const retries = flags.int("health-retries") ?? 0;
  const [interval = 0, timeout = 0, startPeriod = 0, startInterval = 0] = times.map((name) => {
    const given = flags.text(`health-${name}`);
    return given === "" ? 0 : parseDuration(given);
  });
  const isAsked = command !== "" || retries !== 0 || [interval, timeout, startPeriod, startInterval].some((value) => value !== 0);
  if (flags.bool("no-healthcheck")) {
    if (isAsked) throw new Error("--no-healthcheck conflicts with --health-* options");
    return { Healthcheck: { Test: ["NONE"] } };
  }
  if (!isAsked) return {};
  const checked = { interval, timeout, retries, "start-period": startPeriod, "start-interval": startInterval };
  for (const [name, value] of Object.entries(checked)) if (value < 0) throw new Error(`--health-${name} cannot be negative`);
  return {
    Healthcheck: {
      ...(command !== "" && { Test: ["CMD-SHELL", command] }),
      Interval: interval,
      Timeout: timeout,
      StartPeriod: startPeriod,
      StartInterval: startInterval,
      Retries: retries,
    },
  };
}

/** A Go duration in nanoseconds. @throws Error in Go's words */
function parseDuration(value: string): number {
  const seconds = durationSeconds(value);
  if (seconds === undefined) throw new Error(`time: invalid duration ${JSON.stringify(value)}`);
  return Math.round(seconds * 1e9);
}
