// Debian's packages: installed when the product needs them, only unpacked when they serve tests.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, giveUp, root, runQuietly, runVisibly, unpackedRoot } from "./programs.mjs";

const quiet = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3", "-o", "APT::Sandbox::User=root"];
const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };

let listsAreFresh = false;

function haveLists() {
  try {
    return readdirSync("/var/lib/apt/lists").some((name) => /_Packages(\.|$)/.test(name));
  } catch {
    return false;
  }
}

/** Once a run. */
function refreshLists() {
  if (listsAreFresh) return false;
  listsAreFresh = true;
  console.log("apt-get update");
  return runVisibly(["apt-get", "update", "-qq", ...quiet], { env: environment });
}

/** Runs an apt-get command; a package that cannot be found or fetched is looked for again with fresh lists. */
function aptGet(args, options) {
  if (!haveLists()) refreshLists();
  const attempt = () => runQuietly(["apt-get", ...args, ...quiet], { env: environment, ...options });
  const first = attempt();
  return first.ok || !refreshLists() ? first : attempt();
}

/** Installs packages without removing anything and without recommendations; where that is not possible it says so in apt's words and ends. */
export function installPackages(packages) {
  if (packages.length === 0) return;
  if (findProgram("apt-get") === undefined) {
    giveUp(`missing: ${packages.join(", ")}; this is no Debian, so please install them by its own means`);
  }
  const command = ["install", "-y", "--no-remove", "--no-install-recommends", ...packages];
  console.log(`apt-get ${command.join(" ")}`);
  const installed = aptGet(command);
  if (!installed.ok) giveUp(installed.output);
}

/** Downloads packages and unpacks them below `folder`; nothing on the machine changes outside it. Gives false when one cannot be had. */
export function unpackPackages(packages, folder = unpackedRoot) {
  return unpackFetched((downloads) => aptGet(["download", ...packages], { cwd: downloads }), folder);
}

/** As `unpackPackages`, from another release of Debian than this machine's: its lists are fetched, looked at and forgotten. */
export function unpackFromRelease(release, packages, folder) {
  return unpackFetched((downloads) => {
    const source = join(downloads, "release.list");
    mkdirSync(join(downloads, "lists"));
    writeFileSync(source, `deb ${debianMirror()} ${release} main\n`);
    const places = { "Dir::Etc::SourceList": source, "Dir::Etc::SourceParts": "/dev/null", "Dir::State::Lists": join(downloads, "lists") };
    const options = { ...places, "Dir::Cache": join(downloads, "cache"), "Acquire::Languages": "none" };
    const words = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    const run = (...args) => runQuietly(["apt-get", ...args, ...words, ...quiet], { env: environment, cwd: downloads });
    console.log(`apt-get download ${packages.join(" ")} of ${release}`);
    const updated = run("update", "-qq");
    return updated.ok ? run("download", ...packages) : updated;
  }, folder);
}

/** Where this machine's own packages come from. */
function debianMirror() {
  const sources = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"].filter((path) => existsSync(path));
  const found = sources.map((path) => /(?:^URIs:\s*|^deb\s+(?:\[.*\]\s+)?)(\S+debian\/?)(?:\s|$)/m.exec(readFileSync(path, "utf8"))?.[1]);
  return found.find((mirror) => mirror !== undefined) ?? "http://deb.debian.org/debian";
}

function unpackFetched(fetch, folder) {
  const downloads = join(root, ".cache/downloads", String(process.pid));
  mkdirSync(downloads, { recursive: true });
  mkdirSync(folder, { recursive: true });
  try {
    const fetched = fetch(downloads);
    if (!fetched.ok) {
      console.error(fetched.output);
      return false;
    }
    return readdirSync(downloads)
      .filter((name) => name.endsWith(".deb"))
      .every((name) => runVisibly(["dpkg", "-x", join(downloads, name), folder]));
  } finally {
    rmSync(downloads, { recursive: true, force: true });
  }
}

/** What installing the packages would add to this machine, by name: the packages and those they need. Nothing is installed. */
export function withDependencies(packages) {
  const simulated = aptGet(["install", "--simulate", "--no-install-recommends", ...packages]);
  return [...simulated.output.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]);
}
