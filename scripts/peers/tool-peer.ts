// Engines without a daemon: podman of Debian forky, and the bare runtimes crun and runc. Each runs busybox's `true` its own way.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeed } from "../../test/support/command.ts";
import { openEnclosure } from "../../test/support/enclosure.ts";
import { toolPath } from "../../test/support/tools.ts";
import { busyboxArchive } from "../images/busybox-image.ts";
import { ensureForky, peerCache } from "./forky.ts";

export type ToolKind = "podman" | "crun" | "runc";

export interface ToolPeer extends AsyncDisposable {
  readonly name: ToolKind;
  readonly version: string;
  /** One container that runs `true`, from its creation to its removal. */
  runTrue(): Promise<void>;
}

export function openToolPeer(kind: ToolKind): Promise<ToolPeer> {
  return kind === "podman" ? openPodman() : openRuntime(kind);
}

async function openRuntime(kind: "crun" | "runc"): Promise<ToolPeer> {
  const program = toolPath(kind);
  const bundle = mkdtempSync(join(tmpdir(), `gantry-${kind}-`));
  mkdirSync(join(bundle, "rootfs/bin"), { recursive: true });
  cpSync(toolPath("busybox"), join(bundle, "rootfs/bin/busybox"), { dereference: true });
  symlinkSync("busybox", join(bundle, "rootfs/bin/true"));
  await succeed([program, "spec"], { cwd: bundle });
  const config = (await Bun.file(join(bundle, "config.json")).json()) as {
    process: { args: string[]; terminal: boolean; rlimits?: unknown };
  };
  config.process.args = ["/bin/true"];
  config.process.terminal = false;
  delete config.process.rlimits;
  writeFileSync(join(bundle, "config.json"), JSON.stringify(config));
  let runs = 0;
  return {
    name: kind,
    version: /\d+\.\d+\S*/.exec(await succeed([program, "--version"]))?.[0] ?? "unknown",
    async runTrue(): Promise<void> {
      await succeed([program, "run", `gantry-bench-${process.pid}-${runs++}`], { cwd: bundle });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(rmSync(bundle, { recursive: true, force: true })),
  };
}

// The rest of the system in the folder $1 comes from this machine; $2 is podman's own folder.
const furnish = `
  mount --bind "$1" "$1"
  for part in proc sys dev; do mount --rbind "/$part" "$1/$part"; done
  mount -t tmpfs tmpfs "$1/run"
  mkdir -p "$1$2" "$2"
  mount --bind "$2" "$1$2"`;

async function openPodman(): Promise<ToolPeer> {
  const system = ensureForky();
  const folder = join(peerCache, "data", `podman-${process.pid}`);
  const enclosure = await openEnclosure();
  await succeed([...enclosure.prefix, "sh", "-ec", furnish, "sh", system, folder]);
  await Bun.write(join(folder, "busybox.tar"), await busyboxArchive(join(peerCache, "..")));
  const podman = (...args: readonly string[]): Promise<string> =>
    succeed([...enclosure.prefix, "chroot", system, "podman", "--root", join(folder, "root"), "--runroot", "/run/podman", ...args], {
      env: { PODMAN_IGNORE_CGROUPSV1_WARNING: "1" },
    });
  await podman("load", "-q", "-i", join(folder, "busybox.tar"));
  // Without the right to raise limits it would refuse to start, and look quick.
  const limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];
  return {
    name: "podman",
    version: /\d+\.\d+\S*/.exec(await podman("--version"))?.[0] ?? "unknown",
    async runTrue(): Promise<void> {
      await podman("run", "--rm", ...limits, "busybox", "true");
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await podman("rm", "--all", "--force");
      await enclosure[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
