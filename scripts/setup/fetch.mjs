// bun scripts/setup/fetch.mjs FOLDER [--deps] PACKAGE...: unpacks Debian packages into a folder, with --deps also those they need and
// this machine lacks. A folder that holds them already is left alone.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unpackPackages, withDependencies } from "./debian.mjs";
import { giveUp } from "./programs.mjs";

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined) giveUp("usage: fetch.mjs FOLDER [--deps] PACKAGE...");
const packages = rest.filter((word) => word !== "--deps");
const wanted = `${rest.join(" ")}\n`;
const stamp = join(folder, ".packages");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const all = rest.includes("--deps") ? [...new Set([...packages, ...withDependencies(packages)])] : packages;
  if (!unpackPackages(all, fresh)) giveUp(`cannot fetch ${packages.join(", ")}`);
  writeFileSync(join(fresh, ".packages"), wanted);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}
