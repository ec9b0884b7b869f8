// Where the programs are that tests run.
import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";

export const projectRoot = resolve(import.meta.dir, "../..");
const dist = join(projectRoot, "dist");
/** Packages that set-up unpacks instead of installing them. */
const unpacked = join(projectRoot, ".cache/tools");

/** The compiled executable under one of its three names. @throws when it was not built */
export function builtProgram(name: "gantry" | "gantryd" | "docker"): string {
  const path = join(dist, name);
  if (!existsSync(path)) throw new Error(`${path} is missing: bun run build`);
  return path;
}

/** The stock client: the one on PATH unless it is ours, else the unpacked one. @throws when there is none */
export function stockClient(): string {
  const found = [...(process.env["PATH"] ?? "").split(":").map((folder) => join(folder, "docker")), join(unpacked, "usr/bin/docker")];
  const stock = found.find((path) => existsSync(path) && !realpathSync(path).startsWith(dist));
  if (stock === undefined) throw new Error("no docker client on PATH nor in .cache/tools: npm test sets it up");
  return stock;
}

/** A program on PATH or among the unpacked packages. @throws when there is none */
export function toolPath(name: string): string {
  const found = Bun.which(name, {
    PATH: `${process.env["PATH"]}:${unpacked}/usr/bin:${unpacked}/usr/sbin:${unpacked}/bin:${unpacked}/sbin`,
  });
  if (found === null) throw new Error(`${name} is neither installed nor in .cache/tools: npm test sets it up`);
  return found;
}
