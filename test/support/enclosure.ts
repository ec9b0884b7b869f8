// A network namespace and a mount namespace of a test's own, held by a process that only waits. What is found in there afterwards
// belongs to that test, whatever else runs on the machine.
import { succeed } from "./command.ts";
import { waitFor } from "./wait-for.ts";
import { readlinkSync } from "node:fs";

export interface Enclosure extends AsyncDisposable {
  /** The process that holds the namespaces. */
  readonly pid: number;
  /** Goes before a command that shall run inside. */
  readonly prefix: readonly string[];
}

/** With `lo` up and a default route that leads nowhere, so that engines find a network. Disposing ends the holder only. */
export async function openEnclosure(): Promise<Enclosure> {
  const holder = Bun.spawn(["unshare", "--net", "--mount", "--propagation", "private", "sleep", "infinity"], {
    cwd: "/",
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  const { pid } = holder;
  const own = readlinkSync("/proc/self/ns/net");
  await waitFor(() => readlinkSync(`/proc/${pid}/ns/net`) !== own && readlinkSync(`/proc/${pid}/exe`).endsWith("sleep"), {
    what: "namespaces of a test",
  });
  const prefix = ["nsenter", "--target", String(pid), "--net", "--mount", "--"];
  const links = ["link set lo up", "link add out0 type veth peer name out1", "addr add 198.51.100.2/24 dev out0", "link set out0 up"];
  links.push("link set out1 up", "route add default via 198.51.100.1");
  await succeed([...prefix, "ip", "-batch", "-"], { stdin: `${links.join("\n")}\n` });
  return {
    pid,
    prefix,
    async [Symbol.asyncDispose](): Promise<void> {
      holder.kill("SIGKILL");
      await holder.exited;
    },
  };
}
