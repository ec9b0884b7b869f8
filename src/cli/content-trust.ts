import { bool, type Flag, type FlagValues } from "./flag.ts";

/** `--disable-content-trust`, on unless the environment wants signatures. `what` is left out: signing or verification. */
export function contentTrustFlag(what: "signing" | "verification"): Flag {
  return bool("disable-content-trust", `Skip image ${what}`, { fallback: "true" });
}

/** Nothing here signs or verifies: whoever counts on it is told so, instead of being given what nobody looked at. @throws Error */
export function refuseContentTrust(flags: FlagValues, env: Readonly<Record<string, string | undefined>>): void {
  const trust = (env["DOCKER_CONTENT_TRUST"] ?? "").toLowerCase();
  const wanted = flags.changed("disable-content-trust") ? !flags.bool("disable-content-trust") : ["1", "t", "true"].includes(trust);
  if (!wanted) return;
  throw new Error(
    "content trust is not supported: no image is signed or verified (unset DOCKER_CONTENT_TRUST, or --disable-content-trust)",
  );
}
