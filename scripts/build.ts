// Builds dist/gantry: one executable for command line, daemon and workers. Called under another name it answers to that name,
// so dist/gantryd and dist/docker are links to it. The manual goes to dist/man.
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dir, "..");
const dist = join(root, "dist");

// Each worker must be an entry point: the compiled executable never answers for one that is not, and says nothing.
const entryPoints = ["src/main.ts", ...[...new Bun.Glob("src/adapters/workers/*.ts").scanSync(root)].filter(isSource).toSorted()];

function isSource(path: string): boolean {
  return !path.endsWith(".test.ts");
}

/** What git says of the commit that is built; the same commit gives the same bytes, so its time stands for the build's. */
function commit(format: "%h" | "%cI"): string {
  const git = Bun.spawnSync(["git", "log", "-1", "--abbrev=12", `--format=${format}`], { cwd: root, stderr: "ignore" });
  return git.exitCode === 0 ? git.stdout.toString().trim() : "";
}

function build(): number {
  mkdirSync(dist, { recursive: true });
  // Built beside and renamed: a daemon that runs from the old file keeps it, and nobody ever sees half a file. The folder takes the
  // number and not the file, whose name stands in its bytes: the same commit gives the same bytes.
  const nursery = join(dist, `.build.${process.pid}`);
  const fresh = join(nursery, "gantry");
  const compile = Bun.spawnSync(
    [
      process.execPath,
      "build",
      "--compile",
      "--minify",
      "--bytecode",
      "--format=esm",
      "--no-compile-autoload-dotenv",
      "--no-compile-autoload-bunfig",
      // The command line then loads its own part and not the engine: 8 ms instead of 14 until its first byte.
      "--splitting",
      "--root=src",
      `--define=GANTRY_COMMIT=${JSON.stringify(commit("%h"))}`,
      `--define=GANTRY_BUILD_TIME=${JSON.stringify(commit("%cI"))}`,
      ...entryPoints,
      `--outfile=${fresh}`,
    ],
    { cwd: root, stdout: "ignore", stderr: "inherit" },
  );
  if (compile.exitCode === 0) renameSync(fresh, join(dist, "gantry"));
  rmSync(nursery, { recursive: true, force: true });
  if (compile.exitCode !== 0) return compile.exitCode;
  for (const name of ["gantryd", "docker"]) {
    rmSync(join(dist, name), { force: true });
    symlinkSync("gantry", join(dist, name));
  }
  const manual = Bun.spawnSync([process.execPath, "scripts/docs.ts", "--man", join(dist, "man")], { cwd: root, stderr: "inherit" });
  return manual.exitCode;
}

process.exit(build());
