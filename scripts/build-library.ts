// Builds dist/lib: the library as one file of plain JavaScript, and its types. What `import "gantry"` finds, and what `npm pack` takes along.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dir, "..");
const dist = join(root, "dist");
const fresh = join(dist, `.lib.${process.pid}`);
const { imports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly imports: Readonly<Record<string, string>> };

async function bundle(): Promise<void> {
  const { outputs } = await Bun.build({
    entrypoints: [join(root, "src/library/index.ts")],
    target: "node",
    format: "esm",
    define: { GANTRY_COMMIT: '""', GANTRY_BUILD_TIME: '""' },
  });
  for (const output of outputs) await Bun.write(join(fresh, "index.js"), output);
}

/** Declarations of every file that the library's types reach, a file each, with rooms found by path: consumers do not have our `imports`. */
function declare(): void {
  const flags = ["--declaration", "--emitDeclarationOnly", "--noEmit", "false", "--rootDir", "src", "--outDir", fresh];
  const project = join(root, `tsconfig.library.${process.pid}.json`);
  writeFileSync(project, JSON.stringify({ extends: "./tsconfig.json", include: ["src/library/index.ts"] }));
  try {
    const { exitCode, stdout } = Bun.spawnSync([process.execPath, "--bun", "node_modules/.bin/tsc", "-p", project, ...flags], {
      cwd: root,
    });
    if (exitCode !== 0) throw new Error(stdout.toString());
  } finally {
    rmSync(project);
  }
  for (const file of new Bun.Glob("**/*.d.ts").scanSync(fresh)) {
    const path = join(fresh, file);
    writeFileSync(
      path,
      readFileSync(path, "utf8").replaceAll(
        /(from |import\()"([#.][^"]+)"/g,
        (_, lead: string, name: string) => `${lead}"${reached(file, name)}"`,
      ),
    );
  }
}

function reached(file: string, name: string): string {
  const target = imports[name];
  if (target === undefined) return name.replace(/\.ts$/, ".js");
  const path = relative(dirname(file), target.replace(/^\.\/src\//, "").replace(/\.ts$/, ".js"));
  return path.startsWith(".") ? path : `./${path}`;
}

rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
try {
  await bundle();
  declare();
  const old = join(dist, `.lib.old.${process.pid}`);
  rmSync(old, { recursive: true, force: true });
  try {
    renameSync(join(dist, "lib"), old);
  } catch {
    // the first build
  }
  renameSync(fresh, join(dist, "lib"));
  rmSync(old, { recursive: true, force: true });
} catch (error) {
  rmSync(fresh, { recursive: true, force: true });
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
