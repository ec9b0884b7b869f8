import type { StopOptions } from "#client";
import type { Command, Invocation } from "./command.ts";
import { eachTarget } from "./each-target.ts";
import { int, text } from "./flag.ts";

const flags = [
  text("signal", "Signal to send to the container", { short: "s" }),
  int("time", "Seconds to wait before killing the container", { hidden: true }),
  int("timeout", "Seconds to wait before killing the container", { short: "t" }),
];

export const stopCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Stop one or more running containers",
  aliases: ["container stop", "stop"],
  args: { min: 1 },
  flags,
  run: (invocation) => endEach(invocation, (target, options) => invocation.client.containers.stop(target, options)),
};

export const restartCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Restart one or more containers",
  aliases: ["container restart", "restart"],
  args: { min: 1 },
  flags,
  run: (invocation) => endEach(invocation, (target, options) => invocation.client.containers.restart(target, options)),
};

async function endEach(invocation: Invocation, act: (target: string, options: StopOptions) => Promise<void>): Promise<number> {
  if (invocation.flags.changed("time")) invocation.stderr.print("Flag --time has been deprecated, use --timeout instead\n");
  const signal = invocation.flags.text("signal");
  const timeout = invocation.flags.int("timeout") ?? invocation.flags.int("time");
  const options = { ...(signal !== "" && { signal }), ...(timeout !== undefined && { timeout }) };
  return await eachTarget(invocation, invocation.args, async (target) => {
    await act(target, options);
    return `${target}\n`;
  });
}
