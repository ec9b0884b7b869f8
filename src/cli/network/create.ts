import type { Command, Invocation } from "../command.ts";
import { bool, list, text } from "../flag.ts";
import { pairsOf } from "../pairs.ts";
import { subnetsOf } from "./subnets.ts";

export const networkCreateCommand: Command = {
  synopsis: "[OPTIONS] NETWORK",
  summary: "Create a network",
  args: { min: 1, max: 1 },
  flags: [
    bool("attachable", "Enable manual container attachment"),
    list("aux-address", "Auxiliary IPv4 or IPv6 addresses used by Network driver"),
    text("config-from", "The network from which to copy the configuration"),
    bool("config-only", "Create a configuration only network"),
    text("driver", "Driver to manage the Network", { short: "d", fallback: "bridge" }),
    list("gateway", "IPv4 or IPv6 Gateway for the master subnet"),
    bool("ingress", "Create swarm routing-mesh network"),
    bool("internal", "Restrict external access to the network"),
    list("ip-range", "Allocate container ip from a sub-range"),
    text("ipam-driver", "IP Address Management Driver", { fallback: "default" }),
    list("ipam-opt", "Set IPAM driver specific options"),
    bool("ipv4", "Enable or disable IPv4 address assignment"),
    bool("ipv6", "Enable or disable IPv6 address assignment"),
    list("label", "Set metadata on a network"),
    list("opt", "Set driver specific options", { short: "o" }),
    text("scope", "Control the network's scope"),
    list("subnet", "Subnet in CIDR format that represents a network segment"),
  ],
  run: create,
};

async function create({ flags, args, client, stdout }: Invocation): Promise<number> {
  const from = flags.text("config-from");
  const subnets = subnetsOf({
    subnets: flags.list("subnet"),
    ranges: flags.list("ip-range"),
    gateways: flags.list("gateway"),
    reserved: pairsOf(flags.list("aux-address")),
  });
  const { Id } = await client.networks.create({
    Name: args[0] ?? "",
    Driver: flags.text("driver"),
    Scope: flags.text("scope"),
    ...(flags.changed("ipv4") && { EnableIPv4: flags.bool("ipv4") }),
    ...(flags.changed("ipv6") && { EnableIPv6: flags.bool("ipv6") }),
    IPAM: { Driver: flags.text("ipam-driver"), Options: pairsOf(flags.list("ipam-opt")), Config: subnets },
    Internal: flags.bool("internal"),
    Attachable: flags.bool("attachable"),
    Ingress: flags.bool("ingress"),
    ConfigOnly: flags.bool("config-only"),
    ...(from !== "" && { ConfigFrom: { Network: from } }),
    Options: pairsOf(flags.list("opt")),
    Labels: pairsOf(flags.list("label")),
  });
  stdout.print(`${Id}\n`);
  return 0;
}
