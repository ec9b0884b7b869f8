import type { Command } from "../command.ts";
import { ContextStore, defaultContext } from "./store.ts";
import { checkContextName } from "./name.ts";

export const contextUseCommand: Command = {
  synopsis: "CONTEXT",
  summary: "Set the current docker context",
  args: { min: 1, max: 1 },
  flags: [],
  run: async ({ args, config, stdout, stderr }) => {
    const [name = ""] = args;
    if (name !== defaultContext) {
      checkContextName(name);
      new ContextStore(config.folder).read(name);
    }
    const wanted = name === defaultContext ? "" : name;
    if (config.text("currentContext") !== wanted) config.save("currentContext", wanted);
    stdout.print(`${name}\n`);
    stderr.print(`Current context is now "${name}"\n`);
    if (name !== defaultContext && (process.env["DOCKER_HOST"] ?? "") !== "") stderr.print(overridden(`"${name}"`));
    return 0;
  },
};

/** Why a context has no effect now. */
export function overridden(context: string): string {
  return (
    "Warning: DOCKER_HOST environment variable overrides the active context. " +
    `To use ${context}, either set the global --context flag, or unset DOCKER_HOST environment variable.\n`
  );
}
