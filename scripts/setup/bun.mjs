// The packages of package-lock.json and Bun among them. Install scripts never run: Bun's own is replaced by a link.
import { closeSync, copyFileSync, existsSync, linkSync, openSync, readFileSync, readSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { giveUp, root, runVisibly } from "./programs.mjs";

const modules = join(root, "node_modules");

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** npm keeps what it installed in node_modules; a platform's package may be left out. */
function isStale() {
  const wanted = readPackages(join(root, "package-lock.json"));
  const present = readPackages(join(modules, ".package-lock.json"));
  if (wanted === undefined || present === undefined) return true;
  return Object.entries(wanted).some(
    ([path, { version, optional }]) => path !== "" && present[path]?.version !== version && !(optional && present[path] === undefined),
  );
}

/** Installs the packages when they are missing or other than the lock says, and gives the path of Bun. */
export function ensureBun() {
  if (isStale() || bunPath() === undefined) {
    const npm = process.env.npm_execpath === undefined ? ["npm"] : [process.execPath, process.env.npm_execpath];
    const command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    console.log(`npm ${command.join(" ")}`);
    if (!runVisibly([...npm, ...command]) && !runVisibly([...npm, ...command])) giveUp("npm ci failed");
  }
  const bun = bunPath();
  if (bun === undefined) giveUp(`Bun has no package for ${process.platform} ${process.arch}`);
  linkBun(bun);
  return bun;
}

function bunPath() {
  const arch = process.arch === "arm64" ? "aarch64" : process.arch;
  const names = [`bun-linux-${arch}`, `bun-linux-${arch}-baseline`];
  return names.map((name) => join(modules, "@oven", name, "bin/bun")).find((path) => existsSync(path));
}

/** What Bun's install script would do: the real executable in place of the note that it is missing. */
function linkBun(bun) {
  const place = join(modules, "bun/bin/bun.exe");
  if (isExecutable(place) || !existsSync(join(modules, "bun/bin"))) return;
  rmSync(place, { force: true });
  try {
    linkSync(bun, place);
  } catch {
    copyFileSync(bun, place);
  }
}

function isExecutable(path) {
  if (!existsSync(path)) return false;
  const magic = Buffer.alloc(4);
  const fd = openSync(path, "r");
  readSync(fd, magic);
  closeSync(fd);
  return magic.toString("latin1") === "\x7fELF";
}

/** Builds dist/gantry when a source is younger than it. */
export function ensureBuilt(bun) {
  const built = statSync(join(root, "dist/gantry"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const youngest = Math.max(...["src", "package.json", "package-lock.json", "scripts/build.ts"].map((path) => newest(join(root, path))));
  if (built > youngest) return;
  console.log("bun run build");
  if (!runVisibly([bun, "scripts/build.ts"])) giveUp("the build failed");
}

function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
