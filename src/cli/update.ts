import type { Command } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { text } from "./flag.ts";
import { changeableLimitFlags, changeableLimits } from "./limit-flags.ts";
import { readRestartPolicy } from "./restart-policy.ts";
import { ExitError } from "./usage-error.ts";

export const updateCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Update configuration of one or more containers",
  aliases: ["container update", "update"],
  args: { min: 1 },
  flags: [...changeableLimitFlags, text("restart", "Restart policy to apply when a container exits")],
  run: async ({ args, flags, client, program, stdout }) => {
    const asked = {
      ...changeableLimits(flags),
      ...(flags.changed("restart") && { RestartPolicy: readRestartPolicy(flags.text("restart")) }),
    };
    if (Object.keys(asked).length === 0) throw new Error("you must provide one or more flags when using this command");
    const warnings: string[] = [];
    const failures: string[] = [];
    for (const target of args) {
      try {
        const reply = await client.containers.update(target, asked);
        stdout.print(`${target}\n`);
        warnings.push(...(reply.Warnings ?? []));
      } catch (error) {
        failures.push(describeError(error, program));
      }
    }
    if (warnings.length > 0) stdout.print(`${warnings.join("\n")}\n`);
    if (failures.length > 0) throw new ExitError(1, failures.join("\n"));
    return 0;
  },
};
