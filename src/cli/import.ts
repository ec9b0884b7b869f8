import { parseReference } from "#image";
import type { Command, Invocation } from "./command.ts";
import { list, text } from "./flag.ts";
import { openInput } from "./input-file.ts";
import { chosenPlatform, platformFlag } from "./platform-flag.ts";
import { showProgress } from "./progress-display.ts";

export const importCommand: Command = {
  synopsis: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
  summary: "Import the contents from a tarball to create a filesystem image",
  aliases: ["image import", "import"],
  args: { min: 1 },
  flags: [
    list("change", "Apply Dockerfile instruction to the created image", { short: "c" }),
    text("message", "Set commit message for imported image", { short: "m" }),
    platformFlag,
  ],
  run: importTree,
};

async function importTree({ flags, args, client, stdout }: Invocation): Promise<number> {
  const [source = "", name = ""] = args;
  if (name !== "") parseReference(name);
  const isUrl = /^https?:\/\//.test(source);
  const tree = isUrl ? undefined : await openInput(source === "-" ? "" : source);
  const lines = await client.images.import(isUrl ? source : "-", {
    ...(tree !== undefined && { tree }),
    name,
    message: flags.text("message"),
    changes: flags.list("change"),
    platform: chosenPlatform(flags),
  });
  await showProgress(lines, stdout);
  return 0;
}
