import { hasCode } from "#linux";
import { asksStubOnly, resolvConf, type ResolverOverrides } from "#network";

const systemdServers = "/run/systemd/resolve/resolv.conf";

/** What goes into a container's /etc/resolv.conf, from what the host's says now. */
export async function readResolvConf(mode: "bridge" | "host" | "none", overrides: ResolverOverrides): Promise<string> {
  const text = await readText("/etc/resolv.conf");
  const asked = mode !== "host" && asksStubOnly(text) ? await readText(systemdServers) : "";
  return asked === "" ? resolvConf(text, mode, { overrides }) : resolvConf(asked, mode, { overrides, hostPath: systemdServers });
}

async function readText(path: string): Promise<string> {
  try {
    return await Bun.file(path).text();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}
