// A runtime of its own for one test file: run directory, cgroup parent and a root made of busybox, all gone at the end.
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "#base";
import {
  type ContainerSpec,
  type HostSpec,
  type MachineFacts,
  type MonitoredProcess,
  type OciConfig,
  planExecProcess,
  planOciConfig,
  type PlannedContainer,
  type Runtime,
  type UserLookup,
} from "#container";
import { cgroupFolders, Kernel, readCgroupLayout } from "#linux";
import { openRuntime, readMachineFacts, type RuntimeOptions } from "#runtime";
import { plainHost, plainImage, plainSpec } from "./containers.ts";

export const rootUser: UserLookup = { uid: 0, gid: 0, additionalGids: [], home: "/root" };

/** A container's spec, said by what is not as usual. */
export type Wish = Partial<Omit<ContainerSpec, "host">> & { readonly host?: Partial<HostSpec> };

export function plannedContainer(wish: Wish): PlannedContainer {
  return { id: newId(), image: plainImage, spec: { ...plainSpec, ...wish, host: { ...plainHost, ...wish.host } } };
}

export interface CreateOptions {
  readonly user?: UserLookup;
  readonly keep?: readonly number[];
  readonly rootfs?: string;
  /** Last word on the plan. */
  readonly change?: (config: OciConfig) => OciConfig | Promise<OciConfig>;
}

export interface CreatedContainer {
  readonly container: PlannedContainer;
  readonly id: string;
  readonly process: MonitoredProcess;
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

export class RuntimeHost implements AsyncDisposable {
  readonly folder: string;
  readonly options: RuntimeOptions;
  readonly runtime: Runtime;
  readonly machine: MachineFacts = readMachineFacts();

  private constructor(folder: string, options: RuntimeOptions, runtime: Runtime) {
    this.folder = folder;
    this.options = options;
    this.runtime = runtime;
  }

  static async open(preferred: "crun" | "runc"): Promise<RuntimeHost> {
    const folder = mkdtempSync(join(tmpdir(), "rt-"));
    const options = { runRoot: `${folder}/run`, cgroupParent: `/rt-${randomBytes(6).toString("hex")}`, kernel: new Kernel(), preferred };
    makeRoot(`${folder}/rootfs`);
    for (const name of ["hosts", "hostname", "resolv.conf"]) writeFileSync(`${folder}/${name}`, `${name}\n`);
    return new RuntimeHost(folder, options, await openRuntime(options));
  }

  /** What another process's host left behind; disposing removes it. */
  static async reopen(preferred: "crun" | "runc", place: { readonly folder: string; readonly cgroupParent: string }): Promise<RuntimeHost> {
    const options = { runRoot: `${place.folder}/run`, cgroupParent: place.cgroupParent, kernel: new Kernel(), preferred };
    return new RuntimeHost(place.folder, options, await openRuntime(options));
  }

  get rootfs(): string {
    return `${this.folder}/rootfs`;
  }

  logPath(id: string): string {
    return `${this.folder}/${id}.log`;
  }

  /** The runtime as the next daemon opens it. */
  reopen(): Promise<Runtime> {
    return openRuntime(this.options);
  }

  async create(wish: Wish, options: CreateOptions = {}): Promise<CreatedContainer> {
    const container = plannedContainer(wish);
    const { id, spec } = container;
    const { folder, machine } = this;
    const planned = planOciConfig({
      container,
      user: options.user ?? rootUser,
      files: { hosts: `${folder}/hosts`, hostname: `${folder}/hostname`, resolvConf: `${folder}/resolv.conf` },
      mounts: { fileSources: new Set() },
      cgroupsPath: `${this.options.cgroupParent}/c/${id}`,
      machine,
    });
    const process = await this.runtime.create({
      id,
      config: options.change?.(planned) ?? planned,
      rootfs: options.rootfs ?? this.rootfs,
      folder,
      logPath: this.logPath(id),
      tty: spec.tty,
      openStdin: spec.openStdin,
      stdinOnce: spec.stdinOnce,
      keep: options.keep ?? [],
    });
    return { container, id, process };
  }

  /** Runs a shell script to its end. */
  async run(script: string, wish: Wish = {}, options: CreateOptions = {}): Promise<Output & { readonly code: number }> {
    const { id, process } = await this.create({ command: ["/bin/sh", "-c", script], ...wish }, options);
    await using attachment = await process.attach();
    const output = collect(attachment.output);
    await this.runtime.start(id);
    const { code } = await process.exited;
    const result = { ...(await output), code };
    await this.runtime.delete(id);
    return result;
  }

  /** Starts a container that sleeps until it is ended. */
  async idle(wish: Wish = {}, options: CreateOptions = {}): Promise<CreatedContainer> {
    const created = await this.create({ command: ["/bin/sleep", "1000"], ...wish }, options);
    await this.runtime.start(created.id);
    return created;
  }

  exec(
    container: PlannedContainer,
    command: readonly string[],
    more: Partial<{
      tty: boolean;
      workingDir: string;
      privileged: boolean;
      openStdin: boolean;
      user: UserLookup;
      env: readonly string[];
    }> = {},
  ): Promise<MonitoredProcess> {
    const { tty = false, openStdin = false, user = rootUser } = more;
    const exec = { command, env: more.env ?? [], workingDir: more.workingDir ?? "", tty, privileged: more.privileged ?? false };
    const process = planExecProcess({ container, exec, user, machine: this.machine });
    return this.runtime.exec({ containerId: container.id, execId: newId(), process, tty, openStdin });
  }

  /** Everything the runtime may have left: of one container, or at all. */
  traces(id = ""): readonly string[] {
    const { runRoot, cgroupParent } = this.options;
    const groups = cgroupFolders(readCgroupLayout(), cgroupParent).flatMap((path) => [`${path}/c`, `${path}/m`]);
    const folders = [...groups, `${runRoot}/monitors`, `${runRoot}/crun`, `${runRoot}/runc`];
    return folders.flatMap((folder) => foldersIn(folder).filter((path) => path.includes(id.slice(0, 12))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of await this.runtime.list()) await this.runtime.delete(id);
    const groups = cgroupFolders(readCgroupLayout(), this.options.cgroupParent);
    for (const path of groups.flatMap((group) => [`${group}/c`, `${group}/m`, group])) if (existsSync(path)) rmdirSync(path);
    rmSync(this.folder, { recursive: true });
  }
}

/** Everything until both streams are closed. */
export async function collect(
  output: AsyncIterable<{ readonly stream: "stdout" | "stderr"; readonly bytes: Uint8Array }>,
): Promise<Output> {
  const text = { stdout: "", stderr: "" };
  for await (const chunk of output) text[chunk.stream] += new TextDecoder().decode(chunk.bytes);
  return text;
}

/** Reads until a text was seen; what came with it. */
export async function readUntil(output: AsyncIterable<{ readonly bytes: Uint8Array }>, wanted: string): Promise<string> {
  let text = "";
  for await (const chunk of output) {
    text += new TextDecoder().decode(chunk.bytes);
    if (text.includes(wanted)) return text;
  }
  throw new Error(`the output ended without ${JSON.stringify(wanted)}: ${JSON.stringify(text)}`);
}

/** A root with busybox under the names of its applets. */
function makeRoot(root: string): void {
  for (const folder of ["bin", "etc", "proc", "sys", "dev", "tmp", "root"]) mkdirSync(`${root}/${folder}`, { recursive: true });
  copyFileSync("/bin/busybox", `${root}/bin/busybox`);
  const applets = Bun.spawnSync(["/bin/busybox", "--list"]).stdout.toString().trim().split("\n");
  for (const applet of applets) if (applet !== "busybox") symlinkSync("busybox", `${root}/bin/${applet}`);
  writeFileSync(`${root}/etc/passwd`, "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(`${root}/bin/no-program`, "\u007fno program");
  chmodSync(`${root}/bin/no-program`, 0o755);
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${folder}/${entry.name}`);
}

/** Lines of /proc/PID/status by their names. */
export function statusOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split("\n").map((line) => line.split(/:\s+/, 2)));
}

/** What a process of the host has open, by number. */
export function openFilesOf(pid: number): Readonly<Record<string, string>> {
  const folder = `/proc/${pid}/fdinfo`;
  return Object.fromEntries(readdirSync(folder).map((fd) => [fd, readlink(pid, fd)]));
}

function readlink(pid: number, fd: string): string {
  return Bun.spawnSync(["readlink", `/proc/${pid}/fd/${fd}`])
    .stdout.toString()
    .trim();
}

export function fileDigest(path: string): string {
  return new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex");
}
