import { fault } from "#base";
import type { RestartPolicy } from "#container";
import type { HostConfigRequest } from "#wire";

/** The policy that a request names; undefined for none at all. @throws invalid in Docker's words */
export function restartPolicyOf({ Name: name, MaximumRetryCount: maximum }: HostConfigRequest["RestartPolicy"]): RestartPolicy | undefined {
  const wrong = (reason: string): Error => fault("invalid", `invalid restart policy: ${reason}`);
  switch (name) {
    case "":
    case "no":
    case "always":
    case "unless-stopped":
      if (maximum !== 0)
        throw wrong(`maximum retry count can only be used with 'on-failure'${maximum < 0 ? " and cannot be negative" : ""}`);
      return name === "" ? undefined : { name, maximum };
    case "on-failure":
      if (maximum < 0) throw wrong("maximum retry count cannot be negative");
      return { name, maximum };
    default:
      throw wrong(`unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`);
  }
}
