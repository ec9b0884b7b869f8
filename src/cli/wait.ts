import type { Command } from "./command.ts";
import { eachTarget } from "./each-target.ts";

export const waitCommand: Command = {
  synopsis: "CONTAINER [CONTAINER...]",
  summary: "Block until one or more containers stop, then print their exit codes",
  aliases: ["container wait", "wait"],
  args: { min: 1 },
  flags: [],
  run: async (invocation) =>
    await eachTarget(invocation, invocation.args, async (target) => {
      const { result } = await invocation.client.containers.wait(target);
      const { StatusCode, Error: failure } = await result;
      if (failure?.Message !== undefined && failure.Message !== "") throw new Error(failure.Message);
      return `${StatusCode}\n`;
    }),
};
