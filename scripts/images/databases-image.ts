// A root with PostgreSQL 15 and Redis, Debian 12's own, as an archive for `import`: made once, since it takes minutes.
import { chownSync, existsSync, globSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDebianRoot, projectRoot, unpack } from "./debian-root.ts";

const root = join(projectRoot, ".cache/images/databases");
const archive = `${root}.tar`;
const redisParts = (
  "redis-server redis-tools libc6 libgcc-s1 libssl3 libjemalloc2 liblua5.1-0 liblzf1 libsystemd0 libatomic1 libstdc++6 lua-bitop lua-cjson " +
  "libcap2 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1"
).split(" ");

/** Whether it was made already; making it takes minutes. */
export function hasDatabasesArchive(): boolean {
  return existsSync(archive);
}

/** Path of the tar. @throws with debootstrap's last words */
export function databasesArchive(): string {
  if (existsSync(archive)) return archive;
  ensureDebianRoot({ folder: root, suite: "bookworm", packages: ["postgresql-15", "redis-server"], finish: slim });
  pack(root, archive);
  rmSync(root, { recursive: true, force: true });
  rmSync(`${root}.done`, { force: true });
  return archive;
}

/** Redis alone with the libraries that it needs, unpacked in seconds where the larger root was not made. @throws with the reason */
export function redisArchive(): string {
  const folder = join(projectRoot, ".cache/images/redis");
  if (existsSync(`${folder}.tar`)) return `${folder}.tar`;
  unpack(folder, redisParts);
  for (const name of ["tmp", "proc", "sys", "dev", "var/lib/redis"]) mkdirSync(join(folder, name), { recursive: true });
  mkdirSync(join(folder, "etc"), { recursive: true });
  writeFileSync(join(folder, "etc/passwd"), "root:x:0:0::/:/\nredis:x:100:100::/var/lib/redis:/\n");
  chownSync(join(folder, "var/lib/redis"), 100, 100);
  pack(folder, `${folder}.tar`);
  return `${folder}.tar`;
}

function pack(folder: string, archive: string): void {
  const fresh = `${archive}.${process.pid}`;
  const command = ["tar", "--create", "--file", fresh, "--directory", folder, "--numeric-owner", "--xattrs", "--exclude=./dev/*", "."];
  const packed = Bun.spawnSync(command);
  if (packed.exitCode !== 0) throw new Error(`tar: ${packed.stderr.toString()}`);
  renameSync(fresh, archive);
}

/** What no database here reads, and the compiler for queries: it alone is a third of the root, and PostgreSQL runs without it. */
function slim(folder: string): void {
  const paths = [
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/postgresql/15/man",
    "usr/lib/*/libLLVM*",
    "usr/lib/llvm*",
  ];
  paths.push(
    "usr/lib/postgresql/15/lib/bitcode",
    "usr/lib/postgresql/15/lib/llvmjit*",
    "usr/lib/*/libz3*",
    "usr/lib/*/perl*",
    "usr/share/perl*",
  );
  paths.push("var/lib/postgresql/15");
  for (const path of paths.flatMap((pattern) => globSync(pattern, { cwd: folder })))
    rmSync(join(folder, path), { recursive: true, force: true });
}
