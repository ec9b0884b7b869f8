// HEALTHCHECK of a Dockerfile: flags, then NONE or CMD.
import { durationSeconds, fault } from "#base";
import type { HealthCheck } from "./image.ts";
import { listOf } from "./instruction-words.ts";

const times = { interval: "interval", timeout: "timeout", "start-period": "startPeriod", "start-interval": "startInterval" } as const;
const shortest = 1_000_000;

/** What stands behind HEALTHCHECK. @throws invalid, in Docker's words */
export function parseHealthCheck(text: string): HealthCheck {
  const { flags, rest } = splitFlags(text);
  const [word = "", command = ""] = /^(\S*)\s*(.*)$/s.exec(rest)?.slice(1) ?? [];
  switch (word.toUpperCase()) {
    case "NONE":
      if (command !== "") throw fault("invalid", "HEALTHCHECK NONE takes no arguments");
      return { test: ["NONE"] };
    case "CMD":
      return { test: testOf(command), ...settingsOf(flags) };
    default:
      throw fault("invalid", `Unknown type ${JSON.stringify(word.toUpperCase())} in HEALTHCHECK (try CMD)`);
  }
}

function testOf(command: string): readonly string[] {
  const words = listOf(command);
  if (command === "" || words?.length === 0) throw fault("invalid", "Missing command after HEALTHCHECK CMD");
  return words === undefined ? ["CMD-SHELL", command] : ["CMD", ...words];
}

function splitFlags(text: string): { readonly flags: ReadonlyMap<string, string>; readonly rest: string } {
  const flags = new Map<string, string>();
  let rest = text;
  for (let found = /^--(\S*)\s*/.exec(rest); found !== null; found = /^--(\S*)\s*/.exec(rest)) {
    const [name = "", ...value] = (found[1] ?? "").split("=");
    if (!(name in times) && name !== "retries") throw fault("invalid", `unknown flag: --${name}`);
    flags.set(name, value.join("="));
    rest = rest.slice(found[0].length);
  }
  return { flags, rest };
}

function settingsOf(flags: ReadonlyMap<string, string>): HealthCheck {
  const settings: Record<string, number> = {};
  for (const [flag, field] of Object.entries(times)) {
    const value = flags.get(flag);
    const nanoseconds = value === undefined || value === "" ? 0 : durationOf(flag, value);
    if (nanoseconds > 0) settings[field] = nanoseconds;
  }
  const retries = retriesOf(flags.get("retries"));
  return { ...settings, ...(retries > 0 && { retries }) };
}

function durationOf(flag: string, value: string): number {
  const seconds = value === "0" ? 0 : durationSeconds(value);
  if (seconds === undefined) throw fault("invalid", `time: invalid duration ${JSON.stringify(value)}`);
  const nanoseconds = Math.round(seconds * 1e9);
  if (nanoseconds < 0) throw fault("invalid", `Interval ${JSON.stringify(flag)} cannot be negative`);
  if (nanoseconds > 0 && nanoseconds < shortest) throw fault("invalid", `Interval ${JSON.stringify(flag)} cannot be less than 1ms`);
  return nanoseconds;
}

function retriesOf(value: string | undefined): number {
  if (value === undefined || value === "") return 0;
  if (!/^[+-]?\d+$/.test(value)) throw fault("invalid", `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  if (Number(value) < 0) throw fault("invalid", `--retries cannot be negative (${Number(value)})`);
  return Number(value);
}
