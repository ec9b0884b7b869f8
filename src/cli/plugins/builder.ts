// `build`, `builder ...` and `image build` are another program's: buildx, or what `aliases.builder` of config.json names.
import type { ConfigFile } from "../config-file.ts";

export interface Forwarded {
  /** Name of the plugin. */
  readonly plugin: string;
  /** The line with the plugin's words in place of ours. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The line that a builder plugin gets, or undefined when the words name no builder. `position` is where the command begins in `args`;
 * `context` becomes the builder unless another one was chosen.
 */
export function forwardedBuild(
  args: readonly string[],
  position: number,
  options: { config: ConfigFile; context: string },
): Forwarded | undefined {
  const { config, context } = options;
  const plugin = config.texts("aliases")["builder"] ?? "buildx";
  const [first, second] = args.slice(position);
  const words = first === "build" ? 1 : first === "image" && second === "build" ? 2 : 0;
  if (words === 0 && first !== "builder") return undefined;
  const replaced = words === 0 ? [plugin] : [plugin, "build"];
  const rest = args.slice(position + Math.max(words, 1));
  const named = rest.some((arg) => arg === "--builder" || arg.startsWith("--builder=")) || (process.env["BUILDX_BUILDER"] ?? "") !== "";
  return { plugin, args: [...args.slice(0, position), ...replaced, ...rest], env: named ? {} : { BUILDX_BUILDER: context } };
}
