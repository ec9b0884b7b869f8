import type { Command } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { ExitError } from "./usage-error.ts";

export const renameCommand: Command = {
  synopsis: "CONTAINER NEW_NAME",
  summary: "Rename a container",
  aliases: ["container rename", "rename"],
  args: { min: 2, max: 2 },
  flags: [],
  run: async ({ args, client, program }) => {
    const [from = "", to = ""] = args.map((arg) => arg.trim());
    if (from === "" || to === "") throw new Error("Error: Neither old nor new names may be empty");
    try {
      await client.containers.rename(from, to);
    } catch (error) {
      throw new ExitError(1, `${describeError(error, program)}\nError: failed to rename container named ${from}`, { cause: error });
    }
    return 0;
  },
};
