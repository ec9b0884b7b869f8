import { messageOf } from "#base";
import type { Command, Invocation } from "../command.ts";
import { bool } from "../flag.ts";
import { ContextStore, defaultContext } from "./store.ts";
import { checkContextName } from "./name.ts";

export const contextRmCommand: Command = {
  synopsis: "CONTEXT [CONTEXT...]",
  summary: "Remove one or more contexts",
  aliases: ["context rm", "context remove"],
  args: { min: 1 },
  flags: [bool("force", "Force the removal of a context in use", { short: "f" })],
  run: async (invocation) => {
    const { args, stdout, stderr } = invocation;
    const failures: string[] = [];
    for (const name of args) {
      try {
        remove(invocation, name);
        stdout.print(`${name}\n`);
      } catch (error) {
        failures.push(`${messageOf(error)}\n`);
      }
    }
    stderr.print(failures.join(""));
    return failures.length === 0 ? 0 : 1;
  },
};

function remove({ flags, config, context }: Invocation, name: string): void {
  if (name === defaultContext) throw new Error(`context "${name}" cannot be removed`);
  const store = new ContextStore(config.folder);
  const force = flags.bool("force");
  if (name === context && !force) throw new Error(`context "${name}" is in use, set -f flag to force remove`);
  if (name === config.text("currentContext")) config.save("currentContext", "");
  if (!force && !store.has(name)) throw new Error(`context "${name}" does not exist`);
  checkContextName(name);
  store.remove(name);
}
