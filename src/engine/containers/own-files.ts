import { fault } from "#base";
import { type Container, type EngineFiles, hostnameOf } from "#container";
import { hostsFile, type Sandbox } from "#network";
import type { ContainerNeeds } from "./needs.ts";

type FileNeeds = Pick<ContainerNeeds, "rootfs" | "fabric" | "machine" | "defaults">;

/** The names that lie in a container's folder. */
export function ownFilesOf({ rootfs }: Pick<FileNeeds, "rootfs">, id: string): EngineFiles {
  const folder = rootfs.folder(id);
  return { hosts: `${folder}/hosts`, hostname: `${folder}/hostname`, resolvConf: `${folder}/resolv.conf` };
}

/** Writes what the container sees as /etc/hosts, /etc/hostname and /etc/resolv.conf. @throws invalid for a host-gateway that is nowhere */
export async function writeOwnFiles(needs: FileNeeds, container: Container, sandbox: Sandbox): Promise<EngineFiles> {
  const { id, spec } = container;
  const { mode, address } = sandbox.endpoint;
  const { extraHosts = [], ...lookup } = spec.host.lookup ?? {};
  const hostname = hostnameOf(container, needs.machine);
  const extra = extraHosts.flatMap((entry) => hostEntries(needs, entry));
  const bytes = new TextEncoder();
  const write = (name: string, text: string): Promise<string> => needs.rootfs.writeFile(id, name, bytes.encode(text), 0o644);
  const [hosts, hostnamePath, resolvConf] = await Promise.all([
    write("hosts", hostsFile({ hostname, domainname: spec.domainname, extra, ...(address !== undefined && { address }) })),
    write("hostname", `${hostname}\n`),
    needs.fabric.resolvConf(mode, lookup).then((text) => write("resolv.conf", text)),
  ]);
  return { hosts, hostname: hostnamePath, resolvConf };
}

/** "name:address"; the name may not have a colon, an IPv6 address does. */
function hostEntries(needs: FileNeeds, entry: string): readonly { readonly name: string; readonly address: string }[] {
  const colon = entry.indexOf(":");
  const [name, address] = [entry.slice(0, colon), entry.slice(colon + 1).replace(/^\[(.*)\]$/, "$1")];
  if (address !== "host-gateway") return [{ name, address }];
  const { hostGateways } = needs.defaults();
  const gateway = needs.fabric.bridge?.gateway;
  const addresses = hostGateways.length > 0 ? hostGateways : gateway === undefined ? [] : [gateway];
  if (addresses.length === 0) throw fault("invalid", "unable to derive the IP value for host-gateway");
  return addresses.map((found) => ({ name, address: found }));
}
