// A Debian of its own in a folder, by debootstrap: made once, its packages checked against Debian's signatures. Nothing is installed on
// the machine; debootstrap itself is only unpacked.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const projectRoot = resolve(import.meta.dir, "../..");
const tool = join(projectRoot, ".cache/peers/debootstrap");

export interface DebianRoot {
  /** Where it shall lie; "FOLDER.done" says that it is whole. */
  readonly folder: string;
  readonly suite: string;
  readonly packages: readonly string[];
  /** Last changes, before it counts as made. */
  readonly finish?: (folder: string) => void;
}

/** Makes it when it is missing, which takes minutes. @throws with debootstrap's last words */
export function ensureDebianRoot({ folder, suite, packages, finish }: DebianRoot): void {
  if (existsSync(`${folder}.done`)) return;
  unpack(tool, ["debootstrap"]);
  console.error(`bootstrapping Debian ${suite} into ${folder}, once (3 minutes)`);
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const { exitCode, stdout, stderr } = Bun.spawnSync(
    [
      join(tool, "usr/sbin/debootstrap"),
      "--variant=minbase",
      "--keyring=/usr/share/keyrings/debian-archive-keyring.gpg",
      `--include=${packages.join(",")}`,
      suite,
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
  for (const name of ["var/cache/apt/archives", "var/lib/apt/lists"]) rmSync(join(fresh, name), { recursive: true, force: true });
  finish?.(fresh);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  writeFileSync(`${folder}.done`, "");
}

/** Unpacks packages of this machine's own Debian into a folder, with what they need. @throws with the reason */
export function unpack(folder: string, words: readonly string[]): void {
  const fetched = Bun.spawnSync([process.execPath, join(projectRoot, "scripts/setup/fetch.mjs"), folder, ...words]);
  if (fetched.exitCode !== 0) throw new Error(`cannot unpack ${words.join(" ")}: ${fetched.stderr.toString()}`);
}

function debianMirror(): string {
  const sources = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"].filter((path) => existsSync(path));
  const found = sources.map((path) => /(?:^URIs:\s*|^deb\s+(?:\[.*\]\s+)?)(\S+debian\/?)(?:\s|$)/m.exec(readFileSync(path, "utf8"))?.[1]);
  return found.find((mirror) => mirror !== undefined) ?? "http://deb.debian.org/debian";
}
