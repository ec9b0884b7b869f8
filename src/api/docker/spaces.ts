import { isIP } from "node:net";
import { fault } from "#base";
import type { HostSpec, IpcMode, NameLookup, NetworkMode, PidMode } from "#container";
import type { HostConfigRequest } from "#wire";

/** What a container shares with the host and with others; modes that are none were refused. */
export function spacesOf(
  host: HostConfigRequest,
): Pick<HostSpec, "ipcMode" | "pidMode" | "utsMode" | "cgroupNamespace" | "init" | "lookup"> {
  const { IpcMode: ipc, PidMode: pid, UTSMode: uts, CgroupnsMode: cgroup, Init: init } = host;
  if (ipc === "container:") throw fault("invalid", 'failed to join IPC namespace: invalid name or ID supplied: ""');
  const lookup = lookupOf(host);
  return {
    ...(ipc !== "" && { ipcMode: ipc as IpcMode }),
    ...(pid !== "" && { pidMode: pid as PidMode }),
    ...(uts === "host" && { utsMode: "host" }),
    ...((cgroup === "host" || cgroup === "private") && { cgroupNamespace: cgroup }),
    ...(init !== undefined && { init }),
    ...(Object.keys(lookup).length > 0 && { lookup }),
  };
}

/** The network's kind, of which its name tells more. */
export function networkOf(mode: string): NetworkMode {
  if (mode === "" || mode === "default" || mode === "bridge") return "bridge";
  if (mode === "host" || mode === "none") return mode;
  if (mode.startsWith("container:")) {
    if (mode === "container:") throw fault("invalid", `invalid network mode: ${mode}`);
    return "container";
  }
  return "network";
}

function lookupOf({ Dns: servers, DnsSearch: search, DnsOptions: options, ExtraHosts: extraHosts }: HostConfigRequest): NameLookup {
  for (const server of servers)
    if (isIP(server) === 0) throw fault("invalid", `invalid IP address in DNS server list: ${JSON.stringify(server)}`);
  for (const [field, words] of [
    ["DnsSearch", search],
    ["DnsOptions", options],
  ] as const)
    for (const word of words) if (/\s/.test(word)) throw fault("invalid", `invalid ${field}: ${JSON.stringify(word)} has white space`);
  for (const entry of extraHosts) checkExtraHost(entry);
  return {
    ...(servers.length > 0 && { servers }),
    ...(search.length > 0 && { search }),
    ...(options.length > 0 && { options }),
    ...(extraHosts.length > 0 && { extraHosts }),
  };
}

/** "name:address". @throws invalid in Docker's words */
function checkExtraHost(entry: string): void {
  const colon = entry.indexOf(":");
  const name = entry.slice(0, Math.max(colon, 0));
  if (name === "" || /[\s#]/.test(name)) throw fault("invalid", `bad format for add-host: ${JSON.stringify(entry)}`);
  const address = entry.slice(colon + 1);
  if (address !== "host-gateway" && isIP(address.replace(/^\[(.*)\]$/, "$1")) === 0)
    throw fault("invalid", `invalid IP address in add-host: ${JSON.stringify(address)}`);
}
