// Other people's clients of Docker's API that the tests of test/clients drive, each at a pinned version: npm's and PyPI's packages below
// .cache/clients, Debian's beside the other tools. Nothing is installed on the machine but Python.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { installPackages, unpackFromRelease, unpackPackages } from "./debian.mjs";
import { findProgram, giveUp, root, runQuietly, unpackedRoot } from "./programs.mjs";

const pins = join(root, "test/clients");
/** node_modules and python lie here. */
const clientsRoot = join(root, ".cache/clients");

/** Fetches what is missing or other than its pins say. Prints nothing when all is there. */
export function ensureClients() {
  mkdirSync(clientsRoot, { recursive: true });
  ensurePinned("node_modules", ["package.json", "package-lock.json"], installNodeClients);
  ensureDockerClient();
  ensurePinned("python", ["requirements.txt"], installPythonClients);
  if (findProgram("prometheus") === undefined && !unpackPackages(["prometheus"])) giveUp("cannot fetch prometheus");
}

/** A folder that is made anew when its pins change; the stamp is written last. */
function ensurePinned(folder, files, install) {
  const wanted = files.map((file) => readFileSync(join(pins, file), "utf8")).join("\0");
  const stamp = join(clientsRoot, `${folder}.pins`);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  rmSync(stamp, { force: true });
  rmSync(join(clientsRoot, folder), { recursive: true, force: true });
  for (const file of files) copyFileSync(join(pins, file), join(clientsRoot, file));
  install(join(clientsRoot, folder));
  writeFileSync(stamp, wanted);
}

/** Debian's own release has a client that is years old; its next one has the version that Docker ships. */
function ensureDockerClient() {
  const folder = join(clientsRoot, "docker-cli");
  if (existsSync(join(folder, "usr/bin/docker"))) return;
  if (!unpackFromRelease("forky", ["docker-cli"], folder)) giveUp("cannot fetch docker-cli");
}

function installNodeClients() {
  const npm = process.env.npm_execpath === undefined ? ["npm"] : [process.execPath, process.env.npm_execpath];
  const command = [...npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  console.log(`npm ci in ${clientsRoot}`);
  retried(command, { cwd: clientsRoot });
}

function installPythonClients(folder) {
  if (findProgram("python3") === undefined) installPackages(["python3"]);
  // Pure wheels, so that the same bytes serve every machine, and nothing of a package runs.
  const wanted = [
    "--no-deps",
    "--require-hashes",
    "--only-binary",
    ":all:",
    "--platform",
    "any",
    "--implementation",
    "py",
    "--abi",
    "none",
  ];
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location", "--root-user-action", "ignore"];
  console.log(`pip install --target ${folder}`);
  retried(["python3", "-m", "pip", "install", ...quiet, ...wanted, "--target", folder, "-r", join(clientsRoot, "requirements.txt")], {
    env: environmentOfPip(),
  });
}

/** Debian's Python comes without pip: then its package is unpacked. */
function environmentOfPip() {
  if (runQuietly(["python3", "-m", "pip", "--version"]).ok) return process.env;
  if (!unpackPackages(["python3-pip", "python3-setuptools", "python3-wheel"])) giveUp("cannot fetch python3-pip");
  const unpacked = join(unpackedRoot, "usr/lib/python3/dist-packages");
  return { ...process.env, PYTHONPATH: [unpacked, process.env.PYTHONPATH ?? ""].filter((path) => path !== "").join(delimiter) };
}

/** A registry may be slow for a moment. */
function retried([program, ...args], options) {
  const attempt = () => runQuietly([program, ...args], options);
  const first = attempt();
  const { ok, output } = first.ok ? first : attempt();
  if (!ok) giveUp(`${program} ${args.join(" ")}:\n${output}`);
}
