import type { DockerClient } from "#client";
import type { ConfigFile } from "./config-file.ts";
import type { FlagValues } from "./flag.ts";
import type { Host } from "./host.ts";
import type { Grammar } from "./parse-flags.ts";
import type { Output } from "./output.ts";

/** What a command gets of its call. */
export interface Invocation {
  /** "gantry", or "docker" when called so. */
  readonly program: string;
  /** The words that chose the command: "container ls". */
  readonly path: string;
  readonly flags: FlagValues;
  readonly args: readonly string[];
  /** The user's settings. */
  readonly config: ConfigFile;
  /** Name of the context in use. */
  readonly context: string;
  /** The daemon of a context. @throws ExitError in Docker's words */
  readonly hostOf: (context: string) => Host;
  /** Of the daemon that the context names; asking for it fails where there is no such context. */
  readonly client: DockerClient;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** One command. Its exit code is what `run` returns; what it throws is printed and mapped in one place. */
export interface Command extends Grammar {
  /** What follows the path in the usage line: "[OPTIONS] IMAGE [COMMAND] [ARG...]". */
  readonly synopsis: string;
  /** A sentence, and behind empty lines what else the help says; "{program}" becomes the name that we were called by. */
  readonly summary: string;
  /** Paths under which it is known, for the help. */
  readonly aliases?: readonly string[];
  readonly args: { readonly min: number; readonly max?: number };
  run(invocation: Invocation): Promise<number>;
}
