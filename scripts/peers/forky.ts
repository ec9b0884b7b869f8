// The newest engines that Debian has, in a folder: Debian forky with Docker, podman, crun and runc, bootstrapped once.
// Nothing is installed on the machine; debootstrap itself is only unpacked.
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { ensureDebianRoot, projectRoot, unpack } from "../images/debian-root.ts";

export const peerCache = join(projectRoot, ".cache/peers");
const forky = join(peerCache, "forky");

const packages = "docker.io docker-cli podman skopeo buildah crun conmon runc containerd nftables iptables iproute2 ca-certificates".split(
  " ",
);

/** Path of the unpacked system; made when it is missing, which takes about 3 minutes and 1 GB. @throws with debootstrap's last words */
export function ensureForky(): string {
  ensureDebianRoot({ folder: forky, suite: "forky", packages });
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
