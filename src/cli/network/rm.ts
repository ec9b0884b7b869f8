import { DaemonError } from "#client";
import type { Command, Invocation } from "../command.ts";
import { bool } from "../flag.ts";

export const networkRmCommand: Command = {
  synopsis: "NETWORK [NETWORK...]",
  summary: "Remove one or more networks",
  aliases: ["network rm", "network remove"],
  args: { min: 1 },
  flags: [bool("force", "Do not error if the network does not exist", { short: "f" })],
  run: remove,
};

/** Goes on after a failure, as Docker does, and says at the end that there was one. */
async function remove({ flags, args, client, stdout, stderr }: Invocation): Promise<number> {
  let failed = false;
  for (const name of args) {
    try {
      await client.networks.remove(name);
      stdout.print(`${name}\n`);
    } catch (error) {
      if (!(error instanceof DaemonError)) throw error;
      if (flags.bool("force") && error.status === 404) continue;
      stderr.print(`Error response from daemon: ${error.message}\n`);
      failed = true;
    }
  }
  if (failed) stderr.print("exit status 1\n");
  return failed ? 1 : 0;
}
