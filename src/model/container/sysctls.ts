// Kernel parameters of a container: only those that its own namespaces hold, or they would be the host's. A runtime that splits or joins names
// must find nothing to split, so names are taken apart here and written in one way.
import { fault } from "#base";

/** Of the namespace for System V's shared memory, queues and semaphores. */
const ofIpc = new Set(
  ["msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced"].map((name) => `kernel.${name}`),
);

/** Which namespaces are the container's own, or another container's: anything but the host's. */
interface Modes {
  readonly network: string;
  readonly ipcMode?: string;
  readonly utsMode?: string;
}

/** The parameters by their names with dots, as sysctl(8) writes them. */
export function dottedSysctls(sysctls: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(sysctls).map(([name, value]) => [dotted(name), value]));
}

/** @throws invalid: in the runtime's words for what is no container's own, in ours for what is no name or no value of it */
export function checkSysctls(sysctls: Readonly<Record<string, string>>, modes: Modes): void {
  for (const [name, value] of Object.entries(sysctls)) checkSysctl(dotted(name), value, modes);
}

function checkSysctl(name: string, value: string, { network, ipcMode, utsMode }: Modes): void {
  const quoted = JSON.stringify(name);
  if (ofIpc.has(name) || name.startsWith("fs.mqueue.")) {
    if (ipcMode === "host") throw fault("invalid", `sysctl ${quoted} is not allowed in the hosts ipc namespace`);
    if (!/^\s*-?\w+(\s+-?\w+)*\s*$/.test(value)) throw fault("invalid", `sysctl ${quoted}: ${JSON.stringify(value)} is not a number`);
  } else if (name.startsWith("net.")) {
    if (network === "host") throw fault("invalid", `sysctl ${quoted} not allowed in host network namespace`);
    refuseInterface(name);
  } else if (utsMode !== "host" && name === "kernel.hostname") {
    throw fault("invalid", `sysctl ${quoted} is not allowed as it conflicts with the OCI "hostname" field`);
  } else if (utsMode === "host" || name !== "kernel.domainname") {
    throw fault("invalid", `sysctl ${quoted} is not in a separate kernel namespace`);
  }
  if (!name.split(/[./]/).every((part) => /^[\w:@-]+$/.test(part))) throw fault("invalid", `sysctl ${quoted} is no name of a parameter`);
  if (/[\0\n]/.test(value)) throw fault("invalid", `sysctl ${quoted}: a value is one line`);
}

/** An interface has no name before its network gives it one. */
function refuseInterface(name: string): void {
  if (name.split(".", 5).length === 5 && name.split(".")[3]?.startsWith("eth") === true)
    throw fault(
      "invalid",
      `interface specific sysctl setting ${JSON.stringify(name)} must be supplied using driver option 'com.docker.network.endpoint.sysctls'`,
    );
}

/** "net/ipv4/ip_forward" is a name too: its first separator tells which of the two stands for which. */
function dotted(name: string): string {
  return /[./]/.exec(name)?.[0] === "/" ? name.replaceAll(/[./]/g, (sign) => (sign === "/" ? "." : "/")) : name;
}
