import { existsSync, readdirSync } from "node:fs";
import { programEnvironment } from "./programs.ts";

/** An OCI runtime on this machine. */
export interface RuntimeProgram {
  readonly name: string;
  readonly version: string;
  /** Where it is installed. */
  readonly path: string;
  /** What is run: a sealed copy, which spares the runtime from copying and starting itself anew at each call (CVE-2019-5736). */
  readonly run: string;
  /** Arguments before the command: where it keeps its state, how it makes groups. */
  readonly args: readonly string[];
  readonly root: string;
  /** True for one that takes a compiled seccomp filter (crun). */
  readonly takesFilter: boolean;
}

/** Runs one command of the runtime; its words when it failed, undefined when it did not. */
export async function runRuntime(program: RuntimeProgram, command: readonly string[]): Promise<string | undefined> {
  const child = Bun.spawn([program.run, ...program.args, ...command], {
    cwd: "/",
    env: programEnvironment(program.root),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [code, said] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  return code === 0 ? undefined : said;
}

/** Deletes what the runtime knows of a container; does nothing, without a process, when it knows nothing. */
export async function deleteState(program: RuntimeProgram, id: string): Promise<string | undefined> {
  if (!existsSync(`${program.root}/${id}`)) return undefined;
  return runRuntime(program, ["delete", "--force", id]);
}

/** Ids of which the runtime keeps state. */
export function knownIds(program: RuntimeProgram): readonly string[] {
  // crun keeps a folder of its own among them.
  return readdirSync(program.root).filter((name) => !name.startsWith("."));
}
