import type { Command, Invocation } from "./command.ts";
import { parsePort } from "./publish.ts";

export const portCommand: Command = {
  synopsis: "CONTAINER [PRIVATE_PORT[/PROTO]]",
  summary: "List port mappings or a specific mapping for the container",
  aliases: ["container port", "port"],
  args: { min: 1, max: 2 },
  flags: [],
  run: port,
};

async function port({ args, client, stdout }: Invocation): Promise<number> {
  const [container = "", wanted = ""] = args;
  const { NetworkSettings: settings } = await client.containers.inspect(container);
  const published = settings?.Ports ?? {};
  if (wanted === "") {
    const names = Object.keys(published).toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
    stdout.print(names.flatMap((name) => addressesOf(published[name]).map((address) => `${name} -> ${address}\n`)).join(""));
    return 0;
  }
  const [number = "", ...protocol] = wanted.split("/");
  parsePort(number, (reason) => `Error: invalid port (${number}): ${reason}`);
  const addresses = addressesOf(published[`${Number(number)}/${protocol.join("/") || "tcp"}`]);
  if (addresses.length === 0) throw new Error(`Error: No public port '${wanted}' published for ${container}`);
  stdout.print(addresses.map((address) => `${address}\n`).join(""));
  return 0;
}

function addressesOf(bindings: readonly { readonly HostIp: string; readonly HostPort: string }[] | null | undefined): readonly string[] {
  return (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp.includes(":") ? `[${HostIp}]` : HostIp}:${HostPort}`);
}
