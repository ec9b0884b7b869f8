import { existsSync, mkdirSync, statSync } from "node:fs";
import { fault, messageOf } from "#base";
import { foreignWriter } from "#linux";
import type { MonitorPlaces } from "./places.ts";
import { findProgram } from "./programs.ts";
import type { RuntimeProgram } from "./runtime-program.ts";

/** A runtime that the configuration names. */
export interface RegisteredRuntime {
  readonly path: string;
  readonly runtimeArgs: readonly string[];
}

/** As clients that know containerd call the runtime that every Docker has. */
const shimName = "io.containerd.runc.v2";

/** The runtimes that containers may name, and which of them each container was made with. */
export class RuntimePrograms {
  readonly #places: MonitorPlaces;
  readonly #found: readonly RuntimeProgram[];
  readonly #chosen = new Map<string, RuntimeProgram>();
  #registered: readonly RuntimeProgram[] = [];

  /** `found` are the machine's own, the best first. */
  constructor(places: MonitorPlaces, found: readonly RuntimeProgram[]) {
    this.#places = places;
    this.#found = found;
  }

  /** Every name that a container may say, containerd's for the usual runtime among them. */
  get named(): ReadonlyMap<string, RuntimeProgram> {
    const usual = this.#found.find(({ name }) => name === "runc") ?? this.first;
    return new Map([[shimName, usual], ...this.all.map((program) => [program.name, program] as const)]);
  }

  get all(): readonly RuntimeProgram[] {
    return [...this.#found, ...this.#registered];
  }

  /** What is used where nobody names one. */
  get first(): RuntimeProgram {
    const [first] = this.#found;
    if (first === undefined) throw fault("unavailable", "no OCI runtime can be used");
    return first;
  }

  /** @throws invalid in Docker's words */
  find(name: string): RuntimeProgram {
    const program = this.named.get(name);
    if (program === undefined) throw fault("invalid", `unknown or invalid runtime name: ${name}`);
    return program;
  }

  /** Takes these in place of those registered before. @throws invalid for a program that is not root's alone (row F13); none is changed then */
  register(registered: Readonly<Record<string, RegisteredRuntime>>): void {
    this.#registered = Object.entries(registered).map(([name, { path, runtimeArgs }]) => {
      const program = path.includes("/") ? path : findProgram(path);
      checkOwner(name, program ?? path);
      const root = this.#places.runtimeRoot(name);
      mkdirSync(root, { recursive: true, mode: 0o700 });
      // Not sealed: it may be a script, which would not find itself.
      return {
        name,
        version: "",
        path,
        run: program ?? path,
        root,
        args: [`--root=${root}`, ...runtimeArgs],
        takesFilter: false,
        isRegistered: true,
      };
    });
  }

  /**
   * Which one makes a container. A terminal of remapped users is runc's: crun 1.8 gives the root of a user namespace its own standard input
   * before it makes the terminal, and that is the host's /dev/null.
   * @throws unsupported for such a terminal where there is no runc
   */
  choose(id: string, name: string | undefined, { isRemappedTerminal }: { readonly isRemappedTerminal: boolean }): RuntimeProgram {
    const named = name === undefined ? this.first : this.find(name);
    const program = named.name === "crun" && isRemappedTerminal ? this.#found.find((other) => other.name === "runc") : named;
    if (program === undefined) throw fault("unsupported", "a terminal for remapped users needs runc, which is not there");
    this.#chosen.set(id, program);
    return program;
  }

  /** The one that has this container; of an earlier daemon's container its state tells. */
  of(id: string): RuntimeProgram {
    const chosen = this.#chosen.get(id) ?? this.all.find(({ root }) => existsSync(`${root}/${id}`)) ?? this.first;
    this.#chosen.set(id, chosen);
    return chosen;
  }

  forget(id: string): void {
    this.#chosen.delete(id);
  }
}

/** The daemon runs it as root: whoever may write it is root. */
function checkOwner(name: string, path: string): void {
  try {
    const reason = foreignWriter(path);
    if (reason !== undefined) throw new Error(reason);
    if ((statSync(path).mode & 0o111) === 0) throw new Error(`${path} is not executable`);
  } catch (error) {
    throw fault("invalid", `runtime ${name}: ${messageOf(error)}`, { cause: error });
  }
}
