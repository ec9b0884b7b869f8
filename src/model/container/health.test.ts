import { describe, expect, test } from "bun:test";
import type { HealthCheck } from "#image";
import type { ContainerImage } from "./container.ts";
import { afterProbe, beginningHealth, type HealthResult, planHealth } from "./health.ts";
import type { ContainerSpec } from "./spec.ts";

function plan(own?: HealthCheck, below?: HealthCheck, shell?: readonly string[]): ReturnType<typeof planHealth> {
  const spec = { healthcheck: own } as unknown as ContainerSpec;
  return planHealth(spec, { config: { healthcheck: below, shell } } as unknown as ContainerImage);
}

const result = (code: number): HealthResult => ({ start: 1n, end: 2n, code, output: "" });

describe("planHealth()", () => {
  test("takes the container's own words over its image's, each for itself", () => {
    const below = { test: ["CMD-SHELL", "true"], interval: 1e9, retries: 7 };
    expect(plan({ interval: 2e9, retries: 0, test: [] }, below, ["/bin/ash", "-c"])).toEqual({
      command: ["/bin/ash", "-c", "true"],
      interval: 2000,
      timeout: 30_000,
      startPeriod: 0,
      startInterval: 5000,
      retries: 7,
    });
    expect(plan({ test: ["CMD", "a", "b"] }, below)).toMatchObject({ command: ["a", "b"], interval: 1000 });
  });

  test("runs nothing where nobody asks, or somebody says NONE", () => {
    expect([plan(), plan({ test: ["NONE"] }, { test: ["CMD", "x"] }), plan({ interval: 1e9 })]).toEqual([undefined, undefined, undefined]);
  });
});

describe("afterProbe()", () => {
  test("calls a container unhealthy after as many failures as were said, and healthy after one success", () => {
    let health = beginningHealth;
    const seen: string[] = [];
    for (const code of [1, 1, 1, 0, 1]) {
      health = afterProbe(health, result(code), { retries: 2, isBeginning: false });
      seen.push(`${health.status} ${health.failingStreak}`);
    }
    expect(seen).toEqual(["starting 1", "unhealthy 2", "unhealthy 3", "healthy 0", "healthy 1"]);
  });

  test("does not count failures at the beginning, and keeps five results", () => {
    let health = beginningHealth;
    for (let index = 0; index < 7; index += 1) health = afterProbe(health, result(index + 1), { retries: 2, isBeginning: true });
    expect(health).toMatchObject({ status: "starting", failingStreak: 0 });
    expect(health.log.map(({ code }) => code)).toEqual([3, 4, 5, 6, 7]);
  });
});
