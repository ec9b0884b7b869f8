import type { Command, Invocation } from "./command.ts";
import { attachedStreams, containerConfig, ownSurroundings } from "./container-config.ts";
import { containerFlags } from "./container-flags.ts";
import { checkPullPolicy, createContainer } from "./create-container.ts";
import { describeError } from "./describe-error.ts";
import { ExitError } from "./usage-error.ts";

export const createCommand: Command = {
  synopsis: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Create a new container",
  aliases: ["container create", "create"],
  args: { min: 1 },
  interspersed: false,
  flags: containerFlags,
  run: create,
};

async function create(invocation: Invocation): Promise<number> {
  const { flags, args, program, path } = invocation;
  const [image = "", ...command] = args;
  const config = explained({ program, path }, () => {
    checkPullPolicy(flags);
    return containerConfig(flags, { image, command }, attachedStreams(flags, false), ownSurroundings(invocation));
  });
  invocation.stdout.print(`${await createContainer(invocation, config)}\n`);
  return 0;
}

/** What is wrong with the line itself is told with a hint; what the daemon says stands for itself. */
function explained<T>({ program, path }: Pick<Invocation, "program" | "path">, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ExitError) throw error;
    const hint = `Run '${program} ${path} --help' for more information`;
    throw new ExitError(125, `${program}: ${describeError(error, program)}\n\n${hint}`, { cause: error });
  }
}
