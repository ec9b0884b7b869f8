import type { Command, Invocation } from "../command.ts";
import { openInput } from "../input-file.ts";
import { forGantry } from "../needs-gantry.ts";

export const volumeImportCommand: Command = {
  synopsis: "VOLUME [FILE|-]",
  summary: `Fill a volume from a tar archive

The volume is made when there is none of that name. One that is there must be empty and in no container. All of the archive appears at once,
or nothing does.`,
  args: { min: 1, max: 2 },
  flags: [],
  run: importVolume,
};

async function importVolume({ args, client, stdout }: Invocation): Promise<number> {
  const [name = "", source = "-"] = args;
  const archive = await openInput(source === "-" ? "" : source);
  const volume = await forGantry("volume import", () => client.volumes.import(name, archive));
  stdout.print(`${volume.Name}\n`);
  return 0;
}
