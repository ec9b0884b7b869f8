import type { Command } from "../command.ts";
import { ExitError } from "../usage-error.ts";
import { bashScript } from "./bash-script.ts";
import { fishScript } from "./fish-script.ts";
import { zshScript } from "./zsh-script.ts";

const scripts: Readonly<Record<string, (program: string) => string>> = { bash: bashScript, fish: fishScript, zsh: zshScript };

export const completionCommand: Command = {
  synopsis: "bash|fish|zsh",
  summary: `Generate the autocompletion script for the specified shell

For the shell that runs:

  source <({program} completion bash)
  source <({program} completion zsh)
  {program} completion fish | source

For every shell, write it to

  /usr/share/bash-completion/completions/{program}
  /usr/share/zsh/vendor-completions/_{program}
  /usr/share/fish/vendor_completions.d/{program}.fish`,
  args: { min: 1, max: 1 },
  flags: [],
  run: ({ program, args, stdout }) => {
    const [shell = ""] = args;
    const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
    if (script === undefined) throw new ExitError(1, `${program}: no completion for the shell '${shell}': there are bash, fish and zsh`);
    stdout.print(script(program));
    return Promise.resolve(0);
  },
};
