// Registries send their clients elsewhere: to storage, to token servers. They may not send the daemon, which reaches more than they do, to
// what listens only on this machine or its network.
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { fault } from "#base";

/** From what everybody reaches to what only this machine does. */
const reaches = ["public", "private", "local"] as const;
type Reach = (typeof reaches)[number];

const lists: Readonly<Record<Exclude<Reach, "public">, BlockList>> = {
  local: blockList(["127.0.0.0/8", "0.0.0.0/8", "169.254.0.0/16", "::/127", "fe80::/10"]),
  private: blockList(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]),
};

/** @throws unavailable when `target` lies further inside than the registry that names it */
export async function checkReach(registry: URL, target: URL): Promise<void> {
  if (target.hostname === registry.hostname) return;
  const reach = await reachOf(target.hostname);
  if (reach === "public" || reaches.indexOf(reach) <= reaches.indexOf(await reachOf(registry.hostname))) return;
  throw fault("unavailable", `registry ${registry.host} sends to ${target.host}, a ${reach} address, which is not allowed`);
}

/** The innermost of a host's addresses. A name that does not resolve is public: the request itself will say so. */
async function reachOf(hostname: string): Promise<Reach> {
  const name = hostname.replaceAll(/^\[|\]$/g, "");
  const addresses = isIP(name) === 0 ? await lookup(name, { all: true }).catch(() => []) : [{ address: name, family: isIP(name) }];
  const found = addresses.map(({ address, family }) => addressReach(address, family === 6 ? "ipv6" : "ipv4"));
  return found.includes("local") ? "local" : found.includes("private") ? "private" : "public";
}

export function addressReach(address: string, family: "ipv4" | "ipv6"): Reach {
  if (lists.local.check(address, family)) return "local";
  return lists.private.check(address, family) ? "private" : "public";
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    list.addSubnet(address, Number(bits), address.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}
