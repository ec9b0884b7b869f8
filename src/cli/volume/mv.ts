import type { Command } from "../command.ts";
import { forGantry } from "../needs-gantry.ts";

export const volumeMvCommand: Command = {
  synopsis: "VOLUME NAME",
  summary: "Give a volume another name",
  args: { min: 2, max: 2 },
  flags: [],
  run: async ({ args, client, stdout }) => {
    const [name = "", to = ""] = args;
    const volume = await forGantry("volume mv", () => client.volumes.rename(name, to));
    stdout.print(`${volume.Name}\n`);
    return 0;
  },
};
