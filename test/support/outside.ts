// The world beyond an enclosure's default route: a namespace with a server that tells whoever connects which address it saw.
import { readlinkSync } from "node:fs";
import { succeed } from "./command.ts";
import type { Enclosure } from "./enclosure.ts";
import { waitFor } from "./wait-for.ts";

export interface Outside extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** The enclosure as it is seen from here. */
  readonly host: string;
  /** Goes before a command that shall run out there. */
  readonly prefix: readonly string[];
}

const server = `
  const say = (socket) => void socket.end(socket.remoteAddress + "\\n");
  Bun.listen({ hostname: "0.0.0.0", port: 80, socket: { open: say, data: () => undefined } });
  process.stdout.write("ready\\n");
`;

/** Takes the far end of the enclosure's link out of it. What comes back for `routes` goes through the enclosure. */
export async function openOutside({ pid, prefix }: Enclosure, routes: readonly string[] = []): Promise<Outside> {
  const [address, host] = ["198.51.100.1", "198.51.100.2"];
  const child = Bun.spawn(["unshare", "--net", process.execPath, "-e", `await Bun.stdin.text();${server}`], {
    cwd: "/",
    stdin: "pipe",
    stdout: "pipe",
  });
  await waitFor(() => readlinkSync(`/proc/${child.pid}/ns/net`) !== readlinkSync("/proc/self/ns/net"), { what: "namespace of the world" });
  const world = ["nsenter", `--net=/proc/${child.pid}/ns/net`, "--"];
  await succeed([...prefix, "ip", "link", "set", "out1", "netns", String(child.pid)]);
  const links = [
    "link set lo up",
    "link set out1 up",
    `addr add ${address}/24 dev out1`,
    ...routes.map((to) => `route add ${to} via ${host}`),
  ];
  await succeed([...world, "ip", "-batch", "-"], { stdin: `${links.join("\n")}\n` });
  await child.stdin.end();
  const { value } = await child.stdout.getReader().read();
  if (value === undefined) throw new Error(`the world outside of enclosure ${pid} did not start`);
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.exited;
  };
  return { address, port: 80, host, prefix: world, [Symbol.asyncDispose]: end };
}
