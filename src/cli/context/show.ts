import type { Command } from "../command.ts";

export const contextShowCommand: Command = {
  synopsis: "",
  summary: "Print the name of the current context",
  args: { min: 0, max: 0 },
  flags: [],
  run: async ({ context, stdout }) => {
    stdout.print(`${context}\n`);
    return 0;
  },
};
