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
  /** True for one that the configuration names. */
  readonly isRegistered: boolean;
}

/** Milliseconds for one command of a runtime. It takes some ten; more than a minute means that it waits for something that will not come. */
export const runtimePatience = 60_000;

/** Undefined when it has not come in so many milliseconds; whoever waits is not kept, what is waited for goes on. */
export async function within<Value>(work: Promise<Value>, milliseconds: number): Promise<Value | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), milliseconds);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is said of a runtime that did not answer. */
export function silenceOf({ name }: RuntimeProgram, command: string, milliseconds: number): string {
  return `${name} ${command} did not return in ${milliseconds / 1000} s and was ended`;
}

/** Runs one command of the runtime; its words when it failed, undefined when it did not. One that hangs is ended. */
export async function runRuntime(
  program: RuntimeProgram,
  command: readonly string[],
  patience = runtimePatience,
): Promise<string | undefined> {
  const child = Bun.spawn([program.run, ...program.args, ...command], {
    cwd: "/",
    env: programEnvironment(program.root),
    stdio: ["ignore", "ignore", "pipe"],
  });
  // What it started may hold its output open when it is gone.
  const ended = await within(Promise.all([child.exited, new Response(child.stderr).text()]), patience);
  if (ended === undefined) {
    child.kill("SIGKILL");
    return silenceOf(program, command[0] ?? "", patience);
  }
  const [code, said] = ended;
  return code === 0 ? undefined : said;
}

/** Deletes what the runtime knows of a container; does nothing, without a process, when it knows nothing. */
export async function deleteState(program: RuntimeProgram, id: string, patience?: number): Promise<string | undefined> {
  if (!existsSync(`${program.root}/${id}`)) return undefined;
  return runRuntime(program, ["delete", "--force", id], patience);
}

/** Ids of which the runtime keeps state. */
export function knownIds(program: RuntimeProgram): readonly string[] {
  // crun keeps a folder of its own among them.
  return readdirSync(program.root).filter((name) => !name.startsWith("."));
}
