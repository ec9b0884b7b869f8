import type { Command } from "./command.ts";
import { eachTarget } from "./each-target.ts";
import { text } from "./flag.ts";

export const killCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Kill one or more running containers",
  aliases: ["container kill", "kill"],
  args: { min: 1 },
  flags: [text("signal", "Signal to send to the container", { short: "s" })],
  run: async (invocation) => {
    const signal = invocation.flags.text("signal");
    return await eachTarget(invocation, invocation.args, async (target) => {
      await invocation.client.containers.kill(target, signal === "" ? undefined : signal);
      return `${target}\n`;
    });
  },
};
