import { type Flag, type FlagValues, list, text } from "./flag.ts";

export const logFlags: readonly Flag[] = [text("log-driver", "Logging driver for the container"), list("log-opt", "Log driver options")];

/** The log of a new container. @throws Error in Docker's words */
export function logOf(flags: FlagValues): { readonly LogConfig?: object } {
  const driver = flags.text("log-driver");
  const options = flags.list("log-opt");
  if (driver === "none" && options.length > 0) throw new Error("invalid logging opts for driver none");
  if (driver === "" && options.length === 0) return {};
  const pairs = options.map((option) => {
    const [key = "", ...value] = option.split("=");
    return [key, value.join("=")];
  });
  return { LogConfig: { Type: driver, Config: Object.fromEntries(pairs) as object } };
}
