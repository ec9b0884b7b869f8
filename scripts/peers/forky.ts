// The newest engines that Debian has, in a folder: Debian forky with Docker, podman, crun and runc, bootstrapped once.
// Nothing is installed on the machine; debootstrap itself is only unpacked.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";

export const projectRoot = resolve(import.meta.dir, "../..");
export const peerCache = join(projectRoot, ".cache/peers");
const forky = join(peerCache, "forky");

const packages = "docker.io docker-cli podman skopeo buildah crun conmon runc containerd nftables iptables iproute2 ca-certificates".split(
  " ",
);

function debianMirror(): string {
  const sources = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"].filter((path) => existsSync(path));
  const found = sources.map((path) => /(?:^URIs:\s*|^deb\s+(?:\[.*\]\s+)?)(\S+debian\/?)(?:\s|$)/m.exec(readFileSync(path, "utf8"))?.[1]);
  return found.find((mirror) => mirror !== undefined) ?? "http://deb.debian.org/debian";
}

/** Path of the unpacked system; made when it is missing, which takes about 3 minutes and 1 GB. @throws with debootstrap's last words */
export function ensureForky(): string {
  if (existsSync(`${forky}.done`)) return withProcessList(forky);
  const tool = join(peerCache, "debootstrap");
  unpack(tool, ["debootstrap"]);
  console.error("bootstrapping Debian forky for the peers, once (3 minutes)");
  const fresh = `${forky}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const { exitCode, stdout, stderr } = Bun.spawnSync(
    [
      join(tool, "usr/sbin/debootstrap"),
      "--variant=minbase",
      "--keyring=/usr/share/keyrings/debian-archive-keyring.gpg",
      `--include=${packages.join(",")}`,
      "forky",
      fresh,
      debianMirror(),
      join(tool, "usr/share/debootstrap/scripts/sid"),
    ],
    { env: { ...process.env, DEBOOTSTRAP_DIR: join(tool, "usr/share/debootstrap") } },
  );
  if (exitCode !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`debootstrap: ${`${stdout.toString()}${stderr.toString()}`.trim().split("\n").slice(-3).join("\n")}`);
  }
  for (const folder of ["var/cache/apt/archives", "var/lib/apt/lists"]) rmSync(join(fresh, folder), { recursive: true, force: true });
  rmSync(forky, { recursive: true, force: true });
  renameSync(fresh, forky);
  writeFileSync(`${forky}.done`, "");
  return withProcessList(forky);
}

// Becomes the system in the folder $1, with each folder up to "--" bound to its own path there.
const enterSystem = `
  system=$1; shift
  mount --bind "$system" "$system"
  for part in proc sys dev; do mount --rbind "/$part" "$system/$part"; done
  mount -t tmpfs tmpfs "$system/run"
  while [ "$1" != -- ]; do mkdir -p "$system$1"; mount --bind "$1" "$system$1"; shift; done
  shift
  exec chroot "$system" "$@"`;

/** Goes before a command that shall run in the unpacked system, in a mount namespace of its own, with these folders at their own paths. */
export function enterForky(folders: readonly string[]): readonly string[] {
  return ["sh", "-ec", enterSystem, "sh", ensureForky(), ...folders, "--"];
}

/** Docker's `top` runs the host's ps, which a minimal system lacks: this machine's own serves. */
function withProcessList(system: string): string {
  if (existsSync(join(system, "usr/bin/ps"))) return system;
  const parts = join(peerCache, "procps");
  unpack(parts, ["procps", "libproc2-0"]);
  for (const folder of ["bin", "usr/bin", "lib", "usr/lib"]) {
    // Links stay what they are, and the system's own folders stay links.
    if (existsSync(join(parts, folder))) Bun.spawnSync(["cp", "-a", `${join(parts, folder)}/.`, join(system, "usr", basename(folder))]);
  }
  return system;
}

/** Unpacks packages of this machine's own Debian into a folder, with what they need. @throws with the reason */
export function unpack(folder: string, words: readonly string[]): void {
  const fetched = Bun.spawnSync([process.execPath, join(projectRoot, "scripts/setup/fetch.mjs"), folder, ...words]);
  if (fetched.exitCode !== 0) throw new Error(`cannot unpack ${words.join(" ")}: ${fetched.stderr.toString()}`);
}
