import type { Command, Invocation } from "../command.ts";
import { int, list, text } from "../flag.ts";

export const networkConnectCommand: Command = {
  synopsis: "[OPTIONS] NETWORK CONTAINER",
  summary: "Connect a container to a network",
  args: { min: 2, max: 2 },
  flags: [
    list("alias", "Add network-scoped alias for the container"),
    list("driver-opt", "driver options for the network"),
    int("gw-priority", "Highest gw-priority provides the default gateway. Accepts positive and negative values."),
    text("ip", 'IPv4 address (e.g., "172.30.100.104")'),
    text("ip6", 'IPv6 address (e.g., "2001:db8::33")'),
    list("link", "Add link to another container"),
    list("link-local-ip", "Add a link-local address for the container"),
  ],
  run: connect,
};

async function connect({ flags, args, client }: Invocation): Promise<number> {
  const [network = "", container = ""] = args;
  const options = flags.list("driver-opt").map((entry) => {
    const [key = "", ...rest] = entry.split("=");
    if (rest.length === 0) throw new Error("invalid key/value pair format in driver options");
    return [key, rest.join("=")] as const;
  });
  await client.networks.connect(network, {
    Container: container,
    EndpointConfig: {
      IPAMConfig: {
        ...(flags.text("ip") !== "" && { IPv4Address: flags.text("ip") }),
        ...(flags.text("ip6") !== "" && { IPv6Address: flags.text("ip6") }),
        ...(flags.list("link-local-ip").length > 0 && { LinkLocalIPs: flags.list("link-local-ip") }),
      },
      Links: flags.list("link"),
      Aliases: flags.list("alias"),
      DriverOpts: Object.fromEntries(options),
      GwPriority: flags.int("gw-priority"),
    },
  });
  return 0;
}
