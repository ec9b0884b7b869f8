import { fault } from "#base";
import type { ContainerSpec } from "#container";
import type { CreateRequest } from "#wire";

/** The check that a request names. @throws invalid in Docker's words */
export function healthCheckOf({ Healthcheck: asked }: Pick<CreateRequest, "Healthcheck">): Pick<ContainerSpec, "healthcheck"> {
  if (asked === undefined) return {};
  const {
    Test: test,
    Interval: interval,
    Timeout: timeout,
    StartPeriod: startPeriod,
    StartInterval: startInterval,
    Retries: retries,
  } = asked;
  const times = { Interval: interval, Timeout: timeout, StartPeriod: startPeriod, StartInterval: startInterval };
  for (const [name, nanos] of Object.entries(times))
    if (nanos !== 0 && nanos < 1e6) throw fault("invalid", `${name} in Healthcheck cannot be less than 1ms`);
  if (retries < 0) throw fault("invalid", "Retries in Healthcheck cannot be negative");
  return {
    healthcheck: {
      ...(test.length > 0 && { test }),
      ...(interval > 0 && { interval }),
      ...(timeout > 0 && { timeout }),
      ...(startPeriod > 0 && { startPeriod }),
      ...(startInterval > 0 && { startInterval }),
      ...(retries > 0 && { retries }),
    },
  };
}
