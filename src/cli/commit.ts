import { familiarName, parseReference } from "#image";
import type { Command } from "./command.ts";
import { bool, list, text } from "./flag.ts";

export const commitCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
  summary: "Create a new image from a container's changes",
  aliases: ["container commit", "commit"],
  args: { min: 1, max: 2 },
  flags: [
    text("author", 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")', { short: "a" }),
    list("change", "Apply Dockerfile instruction to the created image", { short: "c" }),
    text("message", "Commit message", { short: "m" }),
    bool("pause", "Pause container during commit", { short: "p", fallback: "true" }),
  ],
  run: async ({ flags, args, client, stdout }) => {
    const [container = "", name = ""] = args;
    const { Id } = await client.containers.commit(container, {
      ...(name !== "" && targetOf(name)),
      author: flags.text("author"),
      comment: flags.text("message"),
      changes: flags.list("change"),
      pause: flags.bool("pause"),
    });
    stdout.print(`${Id}\n`);
    return 0;
  },
};

function targetOf(name: string): { readonly repository: string; readonly tag: string } {
  const target = parseReference(name);
  if (target.digest !== undefined) throw new Error("refusing to create a tag with a digest reference");
  return { repository: familiarName(target), tag: target.tag ?? "latest" };
}
