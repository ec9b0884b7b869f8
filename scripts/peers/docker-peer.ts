// A real Docker beside ours: in a mount and network namespace of its own, with its own data root, exec root and pid file.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { openEnclosure, type Enclosure } from "../../test/support/enclosure.ts";
import { isAlive, linkTarget } from "../../test/support/processes.ts";
import { waitFor } from "../../test/support/wait-for.ts";
import { unpack } from "../images/debian-root.ts";
import { ensureForky, enterForky, peerCache } from "./forky.ts";

/** 28 with the overlay2 store, 28 with the containerd store, and the 20.10 of Debian 12. */
export type DockerKind = "docker28" | "docker28c" | "docker20";

interface Launch {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** One running Docker. Disposing ends it, everything in its namespaces, and removes its folders. */
export class DockerPeer implements AsyncDisposable {
  readonly kind: DockerKind;
  readonly socket: string;
  readonly dataRoot: string;
  readonly #folder: string;
  readonly #enclosure: Enclosure;
  #pid = 0;

  constructor(kind: DockerKind, name: string, enclosure: Enclosure) {
    this.kind = kind;
    this.#enclosure = enclosure;
    this.#folder = join("/run", name);
    this.socket = join(this.#folder, "engine.sock");
    this.dataRoot = join(peerCache, "data", name);
  }

  /** Goes before a command that shall run in its namespaces. */
  get prefix(): readonly string[] {
    return this.#enclosure.prefix;
  }

  /** dockerd and what it started, containerd first of all. */
  get pids(): readonly number[] {
    const own = readFileSync(join(this.#folder, "exec/containerd/containerd.pid"), "utf8");
    return [this.#pid, Number(own)];
  }

  /** Gives the milliseconds until it answered. @throws with the end of its log */
  async start(): Promise<number> {
    mkdirSync(this.#folder, { recursive: true });
    mkdirSync(this.dataRoot, { recursive: true });
    const { command, env } = this.#launch();
    const logPath = join(this.#folder, "engine.log");
    const log = openSync(logPath, "a");
    const began = performance.now();
    const child = Bun.spawn([...this.prefix, ...command], { cwd: "/", env: { ...process.env, ...env }, stdio: ["ignore", log, log] });
    closeSync(log);
    this.#pid = child.pid;
    await waitFor(
      async () => {
        if (!isAlive(child.pid)) throw new Error(`${this.kind} ended at its start:\n${readFileSync(logPath, "utf8").slice(-2_000)}`);
        return await fetch("http://localhost/_ping", { unix: this.socket }).then(
          ({ ok }) => ok,
          () => false,
        );
      },
      { what: `answer of ${this.kind}`, deadline: 120_000, every: 2 },
    );
    return performance.now() - began;
  }

  async stop(): Promise<void> {
    if (this.#pid === 0 || !isAlive(this.#pid)) return;
    process.kill(this.#pid, "SIGTERM");
    await waitFor(() => !isAlive(this.#pid), { what: `end of ${this.kind}`, deadline: 60_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    const mounts = linkTarget(`/proc/${this.#enclosure.pid}/ns/mnt`);
    for (const pid of new Bun.Glob("[0-9]*").scanSync({ cwd: "/proc", onlyFiles: false })) {
      if (linkTarget(`/proc/${pid}/ns/mnt`) === mounts && Number(pid) !== this.#enclosure.pid) process.kill(Number(pid), "SIGKILL");
    }
    await this.#enclosure[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
    rmSync(this.dataRoot, { recursive: true, force: true });
  }

  #launch(): Launch {
    const roots = ["--data-root", this.dataRoot, "--exec-root", join(this.#folder, "exec"), "--pidfile", join(this.#folder, "engine.pid")];
    const flags = ["-H", `unix://${this.socket}`, ...roots];
    if (this.kind === "docker20") return twentyLaunch([...flags, "--storage-driver", "overlay2"]);
    const store = this.kind === "docker28" ? ["--storage-driver", "overlay2"] : ["--feature", "containerd-snapshotter=true"];
    return { command: [...enterForky([this.#folder, this.dataRoot]), "dockerd", ...flags, ...store], env: {} };
  }
}

/** docker.io of Debian 12, run from where it was unpacked. */
function twentyLaunch(flags: readonly string[]): Launch {
  const root = join(peerCache, "docker20");
  unpack(root, ["--deps", "docker.io", "containerd", "runc", "iptables"]);
  // What the package's own script would link.
  for (const name of ["iptables", "ip6tables"]) {
    if (!existsSync(join(root, "usr/sbin", name))) symlinkSync("xtables-nft-multi", join(root, "usr/sbin", name));
  }
  const libraries = ["usr/lib", "lib"].map((folder) =>
    join(root, folder, process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu"),
  );
  const folders = ["usr/sbin", "usr/bin", "sbin", "bin"].map((folder) => join(root, folder));
  return {
    command: [join(root, "usr/sbin/dockerd"), ...flags],
    env: {
      PATH: [...folders, process.env["PATH"]].join(":"),
      LD_LIBRARY_PATH: libraries.join(":"),
      XTABLES_LIBDIR: join(libraries[0] ?? "", "xtables"),
    },
  };
}

/** A Docker that answers. */
export async function startDockerPeer(kind: DockerKind): Promise<DockerPeer> {
  const name = `gantry-peer-${kind}-${process.pid}`;
  if (kind !== "docker20") ensureForky();
  const peer = new DockerPeer(kind, name, await openEnclosure());
  try {
    await peer.start();
  } catch (error) {
    await peer[Symbol.asyncDispose]();
    throw error;
  }
  return peer;
}
