import type { Command, Invocation } from "./command.ts";
import { eachTarget } from "./each-target.ts";

export const pauseCommand: Command = {
  synopsis: "CONTAINER [CONTAINER...]",
  summary: "Pause all processes within one or more containers",
  aliases: ["container pause", "pause"],
  args: { min: 1 },
  flags: [],
  run: (invocation) => forEach(invocation, (target) => invocation.client.containers.pause(target)),
};

export const unpauseCommand: Command = {
  synopsis: "CONTAINER [CONTAINER...]",
  summary: "Unpause all processes within one or more containers",
  aliases: ["container unpause", "unpause"],
  args: { min: 1 },
  flags: [],
  run: (invocation) => forEach(invocation, (target) => invocation.client.containers.unpause(target)),
};

async function forEach(invocation: Invocation, act: (target: string) => Promise<void>): Promise<number> {
  return await eachTarget(invocation, invocation.args, async (target) => {
    await act(target);
    return `${target}\n`;
  });
}
