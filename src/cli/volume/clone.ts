import type { Command } from "../command.ts";
import { forGantry } from "../needs-gantry.ts";

export const volumeCloneCommand: Command = {
  synopsis: "VOLUME NAME",
  summary: "Make a volume with the content of another",
  args: { min: 2, max: 2 },
  flags: [],
  run: async ({ args, client, stdout }) => {
    const [name = "", to = ""] = args;
    const volume = await forGantry("volume clone", () => client.volumes.clone(name, to));
    stdout.print(`${volume.Name}\n`);
    return 0;
  },
};
