// Builds the executable and packs it: dist/gantry_VERSION_ARCHITECTURE.deb.
import { join, resolve } from "node:path";
import { version } from "../package.json";
import { debianFiles } from "./package/debian-files.ts";
import { writeDebianPackage } from "./package/debian-package.ts";

const root = resolve(import.meta.dir, "..");

const build = Bun.spawnSync([process.execPath, join(root, "scripts/build.ts")], { stdout: "inherit", stderr: "inherit" });
if (build.exitCode !== 0) process.exit(build.exitCode);

const committed = Bun.spawnSync(["git", "log", "-1", "--format=%ct"], { cwd: root, stderr: "ignore" }).stdout.toString().trim();
const facts = { version, architecture: process.arch === "arm64" ? "arm64" : "amd64", time: Number(committed || "0") } as const;
const target = join(root, "dist", `gantry_${version}_${facts.architecture}.deb`);
writeDebianPackage(target, { root, files: debianFiles(root, facts), facts });
console.log(target);
