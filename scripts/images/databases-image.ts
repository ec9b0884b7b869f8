// A root with PostgreSQL 15 and Redis, Debian 12's own, as an archive for `import`: made once, since it takes minutes.
import { existsSync, globSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureDebianRoot, projectRoot } from "./debian-root.ts";

const root = join(projectRoot, ".cache/images/databases");
const archive = `${root}.tar`;

/** Whether it was made already; making it takes minutes. */
export function hasDatabasesArchive(): boolean {
  return existsSync(archive);
}

/** Path of the tar. @throws with debootstrap's last words */
export function databasesArchive(): string {
  if (existsSync(archive)) return archive;
  ensureDebianRoot({ folder: root, suite: "bookworm", packages: ["postgresql-15", "redis-server"], finish: slim });
  const fresh = `${archive}.${process.pid}`;
  const packed = Bun.spawnSync([
    "tar",
    "--create",
    "--file",
    fresh,
    "--directory",
    root,
    "--numeric-owner",
    "--xattrs",
    "--exclude=./dev/*",
    ".",
  ]);
  if (packed.exitCode !== 0) throw new Error(`tar: ${packed.stderr.toString()}`);
  renameSync(fresh, archive);
  rmSync(root, { recursive: true, force: true });
  rmSync(`${root}.done`, { force: true });
  return archive;
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
