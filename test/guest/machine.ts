// A small machine with Debian's own kernel under qemu, on pure cgroup v2: its disk holds our executable, the monitor and the runtime.
// Everything comes from packages unpacked into the cache folder; nothing is installed, no device of the host is used.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { busyboxArchive } from "../../scripts/images/busybox-image.ts";
import { helloWorldArchive } from "../../scripts/images/hello-world-image.ts";
import { run, succeed } from "../support/command.ts";
import { builtProgram, projectRoot, toolPath } from "../support/tools.ts";
import { writeInitramfs } from "./initramfs.ts";
import { modulesInOrder } from "./kernel-modules.ts";

const cache = join(projectRoot, ".cache/guest");
const files = join(import.meta.dir, "files");

async function fetchPackages(folder: string, words: readonly string[]): Promise<string> {
  const target = join(cache, folder);
  await succeed([process.execPath, join(projectRoot, "scripts/setup/fetch.mjs"), target, ...words], { patience: 300_000 });
  return target;
}

/** Debian names the kernel of the day in the package that depends on it. */
async function fetchKernel(): Promise<{ readonly image: string; readonly modules: string }> {
  const named = async (): Promise<string | undefined> =>
    /Depends: (linux-image-\S+)/.exec((await run(["apt-cache", "depends", "linux-image-cloud-amd64"])).stdout)?.[1];
  let name = await named();
  if (name === undefined) {
    await succeed(["apt-get", "update", "-qq", "-o", "DPkg::Lock::Timeout=120"], { patience: 120_000 });
    name = await named();
  }
  if (name === undefined) throw new Error("linux-image-cloud-amd64 names no kernel");
  const folder = await fetchPackages("kernel", [name]);
  const release = name.replace("linux-image-", "");
  const modules = join(folder, "lib/modules", release);
  await succeed([toolPath("busybox"), "depmod", "-b", folder, release]);
  return { image: join(folder, "boot", `vmlinuz-${release}`), modules };
}

/** Copies a program with the libraries that it is linked to, each to its own path. */
async function copyProgram(path: string, root: string, target: string): Promise<void> {
  copyFileSync(realpathSync(path), join(root, target));
  chmodSync(join(root, target), 0o755);
  const { stdout } = await run(["ldd", path]);
  for (const [, library = ""] of stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(realpathSync(library), join(root, library));
  }
}

async function makeDisk(folder: string, modules: string): Promise<string> {
  const root = join(folder, "root");
  const folders = ["bin", "sbin", "usr/bin", "usr/sbin", "etc", "proc", "sys", "dev", "run", "tmp", "root", "var/lib", "lib/modules"];
  for (const name of folders) mkdirSync(join(root, name), { recursive: true });
  const busybox = toolPath("busybox");
  await copyProgram(busybox, root, "bin/busybox");
  const applets = (await succeed([busybox, "--list-full"])).trim().split("\n");
  for (const applet of applets.filter((name) => name !== "bin/busybox")) {
    mkdirSync(join(root, dirname(applet)), { recursive: true });
    symlinkSync("/bin/busybox", join(root, applet));
  }
  await copyProgram(builtProgram("gantry"), root, "usr/bin/gantry");
  symlinkSync("gantry", join(root, "usr/bin/gantryd"));
  const appArmor = await fetchPackages("apparmor", ["apparmor"]);
  await copyProgram(join(appArmor, "sbin/apparmor_parser"), root, "usr/sbin/apparmor_parser");
  for (const name of ["conmon", "crun", "ps"]) await copyProgram(toolPath(name), root, `usr/bin/${name}`);
  await Bun.write(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  await Bun.write(join(root, "etc/group"), "root:x:0:\n");
  await Bun.write(join(root, "root/hello-world.tar"), helloWorldArchive());
  await Bun.write(join(root, "root/busybox.tar"), await busyboxArchive(join(projectRoot, ".cache")));
  copyFileSync(join(files, "jobs"), join(root, "root/jobs"));
  copyFileSync(join(files, "guest-init"), join(root, "sbin/guest-init"));
  chmodSync(join(root, "sbin/guest-init"), 0o755);
  cpSync(modules, join(root, "lib/modules", basename(modules)), { recursive: true });
  const disk = join(folder, "disk.img");
  const quotas = ["-O", "quota,project", "-E", "quotatype=prjquota"];
  await succeed(["mke2fs", "-q", "-t", "ext4", ...quotas, "-d", root, disk, "1G"], {
    env: { PATH: `${process.env["PATH"]}:/sbin:/usr/sbin` },
  });
  return disk;
}

async function makeInitramfs(folder: string, modules: string): Promise<string> {
  const order = modulesInOrder(modules, ["virtio_pci", "virtio_blk", "crc32c_generic", "quota_v2", "ext4"]);
  const path = join(folder, "initramfs");
  const list = order.map((module) => basename(module)).join("\n");
  const folders = ["bin", "proc", "dev", "root"].map((name) => ({ path: name, mode: 0o040755 }));
  const archive = writeInitramfs([
    ...folders,
    { path: "bin/busybox", mode: 0o100755, bytes: readFileSync(toolPath("busybox")) },
    { path: "init", mode: 0o100755, bytes: readFileSync(join(files, "init")) },
    { path: "modules.list", mode: 0o100644, bytes: Buffer.from(`${list}\n`) },
    ...order.map((module) => ({ path: basename(module), mode: 0o100644, bytes: readFileSync(join(modules, module)) })),
  ]);
  await Bun.write(path, archive);
  return path;
}

/** Boots the machine, lets it do its jobs, and gives all that it wrote on its console. `patience` is in milliseconds. */
export async function runGuest(patience: number): Promise<string> {
  const qemu = await fetchPackages("qemu", ["--deps", "qemu-system-x86"]);
  const kernel = await fetchKernel();
  const folder = mkdtempSync(join(tmpdir(), "gantry-guest-"));
  try {
    const disk = await makeDisk(folder, kernel.modules);
    const initramfs = await makeInitramfs(folder, kernel.modules);
    const libraries = ["usr/lib", "lib"].map((name) => join(qemu, name, "x86_64-linux-gnu"));
    const { stdout, stderr } = await run(
      `${join(qemu, "usr/bin/qemu-system-x86_64")} -accel tcg,thread=multi -cpu max -smp 2 -m 1536
        -L ${join(qemu, "usr/share/qemu")} -L ${join(qemu, "usr/share/seabios")}
        -nodefaults -no-user-config -no-reboot -display none -serial stdio
        -drive file=${disk},if=virtio,format=raw,cache=unsafe
        -kernel ${kernel.image} -initrd ${initramfs} -append`
        .split(/\s+/)
        .concat("console=ttyS0 quiet panic=-1 mitigations=off"),
      { env: { LD_LIBRARY_PATH: libraries.join(":") }, patience },
    );
    return `${stdout}${stderr}`.replaceAll("\r", "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The names of the jobs that `files/jobs` prints about, in order. */
export function namedJobs(): string[] {
  const script = readFileSync(join(files, "jobs"), "utf8");
  return [...script.matchAll(/^expect "([^"]+)"/gm)].map((match) => match[1] ?? "");
}

/** Whether anything can be booted here: the recipe is for amd64. */
export function canBoot(): boolean {
  return process.arch === "x64" && readdirSync("/var/lib").includes("dpkg");
}
