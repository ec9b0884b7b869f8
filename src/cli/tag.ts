import { messageOf } from "#base";
import { familiarName, parseReference, type Reference } from "#image";
import type { Command } from "./command.ts";

export const tagCommand: Command = {
  synopsis: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
  summary: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
  aliases: ["image tag", "tag"],
  args: { min: 2, max: 2 },
  flags: [],
  run: async ({ args, client }) => {
    const [source = "", name = ""] = args;
    const target = parseTarget(name);
    if (target.digest !== undefined) throw new Error("refusing to create a tag with a digest reference");
    await client.images.tag(source, { repository: familiarName(target), tag: target.tag ?? "latest" });
    return 0;
  },
};

function parseTarget(name: string): Reference {
  try {
    return parseReference(name);
  } catch (error) {
    throw new Error(`Error parsing reference: ${JSON.stringify(name)} is not a valid repository/tag: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
