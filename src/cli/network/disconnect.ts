import type { Command } from "../command.ts";
import { bool } from "../flag.ts";

export const networkDisconnectCommand: Command = {
  synopsis: "[OPTIONS] NETWORK CONTAINER",
  summary: "Disconnect a container from a network",
  args: { min: 2, max: 2 },
  flags: [bool("force", "Force the container to disconnect from a network", { short: "f" })],
  run: async ({ flags, args, client }) => {
    const [network = "", container = ""] = args;
    await client.networks.disconnect(network, { Container: container, Force: flags.bool("force") });
    return 0;
  },
};
