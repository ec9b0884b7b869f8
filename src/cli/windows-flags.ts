// Flags of `create` and `run` for daemons on Windows, which there are none of here: refused in Docker's words.
import { type Flag, type FlagValues, int, text } from "./flag.ts";
import { parseBytes } from "./quantities.ts";
import { ExitError } from "./usage-error.ts";

export const windowsFlags: readonly Flag[] = [
  int("cpu-count", "CPU count (Windows only)", { hidden: true }),
  int("cpu-percent", "CPU percent (Windows only)", { hidden: true }),
  text("io-maxbandwidth", "Maximum IO bandwidth limit for the system drive (Windows only)", {
    valueName: "bytes",
    hidden: true,
    check: (value) => void parseBytes(value),
  }),
  int("io-maxiops", "Maximum IOps limit for the system drive (Windows only)", { valueName: "uint", hidden: true }),
];

/** @throws ExitError with a line for each that was given */
export function refuseWindowsFlags(flags: FlagValues): void {
  const given = windowsFlags.filter(({ name }) => flags.changed(name));
  if (given.length === 0) return;
  const lines = given.map(
    ({ name }) => `"--${name}" is only supported on a Docker daemon running on windows, but the Docker daemon is running on linux`,
  );
  throw new ExitError(1, lines.join("\n"));
}
