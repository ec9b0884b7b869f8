// Flags of `create` and `run` about what a container shares and which names it knows.
import { isIP } from "node:net";
import { bool, type Flag, type FlagValues, list, text } from "./flag.ts";

export const spaceFlags: readonly Flag[] = [
  list("add-host", "Add a custom host-to-IP mapping (host:ip)", { check: (value) => void parseExtraHost(value) }),
  text("cgroupns", "Cgroup namespace to use (host|private)"),
  list("dns", "Set custom DNS servers", { check: checkAddress }),
  list("dns-opt", "Set DNS options", { hidden: true, aliasOf: "dns-option" }),
  list("dns-option", "Set DNS options"),
  list("dns-search", "Set custom DNS search domains", { check: checkDomain }),
  text("domainname", "Container NIS domain name"),
  bool("init", "Run an init inside the container that forwards signals and reaps processes"),
  text("ipc", "IPC mode to use"),
  text("isolation", "Container isolation technology"),
  text("pid", "PID namespace to use"),
  text("uts", "UTS namespace to use"),
];

/** HostConfig's part of it. @throws Error in Docker's words */
export function spacesOf(flags: FlagValues): Readonly<Record<string, unknown>> {
  const mode = (flag: string, known: (value: string) => boolean, what: string): string | undefined => {
    const value = flags.text(flag);
    if (value !== "" && !known(value)) throw new Error(`--${flag}: invalid ${what} mode`);
    return value === "" ? undefined : value;
  };
  const listed = (field: string, flag: string, read = (value: string): string => value): object =>
    flags.list(flag).length === 0 ? {} : { [field]: flags.list(flag).map(read) };
  const modes = {
    PidMode: mode("pid", (value) => value === "host" || /^container:./.test(value), "PID"),
    UTSMode: mode("uts", (value) => value === "host", "UTS"),
    CgroupnsMode: mode("cgroupns", (value) => value === "host" || value === "private", "CGROUP"),
    IpcMode: mode("ipc", () => true, "IPC"),
    Isolation: mode("isolation", () => true, "isolation"),
  };
  return {
    ...Object.fromEntries(Object.entries(modes).filter(([, value]) => value !== undefined)),
    ...(flags.changed("init") && { Init: flags.bool("init") }),
    ...listed("Dns", "dns", (value) => value.trim()),
    ...listed("DnsOptions", "dns-option"),
    ...listed("DnsSearch", "dns-search"),
    ...listed("ExtraHosts", "add-host", parseExtraHost),
  };
}

/** "name:address" or "name=address", an IPv6 address in brackets or not; as the API has it. @throws Error in Docker's words */
function parseExtraHost(entry: string): string {
  const [, name = "", address = ""] = /^([^:=]*)[:=](.*)$/s.exec(entry) ?? [];
  if (name === "" || address === "") throw new Error(`bad format for add-host: ${JSON.stringify(entry)}`);
  const bare = address.replace(/^\[(.*)\]$/, "$1");
  if (bare !== "host-gateway" && isIP(bare) === 0) throw new Error(`invalid IP address in add-host: ${JSON.stringify(address)}`);
  return `${name}:${bare}`;
}

function checkAddress(value: string): void {
  if (isIP(value.trim()) === 0) throw new Error(`IP address is not correctly formatted: ${value}`);
}

/** Docker's grammar of a search domain; "." is none at all. */
function checkDomain(value: string): void {
  const domain = value.trim();
  if (
    domain === "." ||
    /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*\.?$/.test(domain)
  )
    return;
  throw new Error(`${value} is not a valid domain`);
}
