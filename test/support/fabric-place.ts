// A fabric of a test's own on the host's network, and programs run inside its sandboxes.
import { Kernel } from "#linux";
import { openFabric, type OwnedFabric } from "#fabric";
import { join } from "node:path";
import { run, type Output } from "./command.ts";

export interface FabricNames {
  readonly bridge: string;
  readonly bridgeCidr: string;
  readonly nftTable: string;
}

/** Names and subnet that no other test has. */
export function fabricNames(): FabricNames {
  const random = crypto.getRandomValues(new Uint8Array(3));
  const token = `gt${random.toHex()}`;
  return { bridge: token, bridgeCidr: `10.${192 + ((random[0] ?? 0) & 31)}.${random[1]}.1/24`, nftTable: token };
}

/** Where one fabric after the other can be opened, as daemons follow each other. Disposing takes everything away that they made. */
export class FabricPlace implements AsyncDisposable {
  readonly names: FabricNames = fabricNames();
  readonly kernel = new Kernel();

  open(options: { readonly closedPorts?: readonly number[] } = {}): Promise<OwnedFabric> {
    return openFabric({ place: this.names, kernel: this.kernel, ...options });
  }

  /** The daemon's table as nft(8) prints it; "" when it is gone. */
  async rules(): Promise<string> {
    return (await run(["nft", "list", "table", "inet", this.names.nftTable])).stdout;
  }

  /** Names of the bridge's ports. */
  async ports(): Promise<readonly string[]> {
    const { stdout } = await run(["ip", "-json", "link", "show", "master", this.names.bridge]);
    return stdout === "" ? [] : (JSON.parse(stdout) as { readonly ifname: string }[]).map(({ ifname }) => ifname);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const fabric = await this.open();
    await fabric.destroy();
    await this.kernel[Symbol.asyncDispose]();
  }
}

/** Goes before a command that shall run in the namespace behind one of our descriptors. */
export function inside(namespaceFd: number): readonly string[] {
  return ["nsenter", `--net=/proc/${process.pid}/fd/${namespaceFd}`, "--"];
}

/** A port of the host that nobody uses now. */
export function freePort(): number {
  using listener = Bun.listen({ hostname: "0.0.0.0", port: 0, socket: { data: () => undefined } });
  return listener.port;
}

/** A server in a sandbox that says one line to whoever connects or, for udp, sends. */
export class LineServer implements AsyncDisposable {
  readonly #child: Bun.Subprocess;

  private constructor(child: Bun.Subprocess) {
    this.#child = child;
  }

  static async open(options: LineServerOptions): Promise<LineServer> {
    const { namespaceFd, protocol = "tcp", port, line } = options;
    const program = [process.execPath, join(import.meta.dir, "line-server.ts"), protocol, String(port), line];
    const child = Bun.spawn([...inside(namespaceFd), ...program], { stdin: "ignore", stdout: "pipe" });
    const { value } = await child.stdout.getReader().read();
    if (value === undefined) throw new Error(`the server on ${protocol} port ${port} did not start`);
    return new LineServer(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}

interface LineServerOptions {
  readonly namespaceFd: number;
  readonly protocol?: "tcp" | "udp";
  readonly port: number;
  readonly line: string;
}

/** What the server at that address says to a client on the host, or in a namespace; "" when nobody answers within a second. */
export async function hear(address: string, port: number, prefix: readonly string[] = []): Promise<string> {
  const { stdout }: Output = await run([...prefix, "timeout", "1", "busybox", "nc", address, String(port)]);
  return stdout.trim();
}
