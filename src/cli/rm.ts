import { DaemonError } from "#client";
import type { Command } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { eachTarget } from "./each-target.ts";
import { bool } from "./flag.ts";

export const rmCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Remove one or more containers",
  aliases: ["container rm", "container remove", "rm"],
  args: { min: 1 },
  flags: [
    bool("force", "Force the removal of a running container (uses SIGKILL)", { short: "f" }),
    bool("link", "Remove the specified link", { short: "l" }),
    bool("volumes", "Remove anonymous volumes associated with the container", { short: "v" }),
  ],
  run: async (invocation) => {
    const { flags, args, client, program, stderr } = invocation;
    const options = { force: flags.bool("force"), link: flags.bool("link"), volumes: flags.bool("volumes") };
    return await eachTarget(invocation, args, async (given) => {
      const target = given.replace(/^\//, "");
      if (target === "") throw new Error("Container name cannot be empty");
      try {
        await client.containers.remove(target, options);
      } catch (error) {
        // With --force the aim is that it is gone, and it is.
        if (!options.force || !(error instanceof DaemonError) || error.status !== 404) throw error;
        stderr.print(`${describeError(error, program)}\n`);
        return "";
      }
      return `${given}\n`;
    });
  },
};
