import type { Command } from "./command.ts";

const letters = ["C", "A", "D"] as const;

export const diffCommand: Command = {
  synopsis: "CONTAINER",
  summary: "Inspect changes to files or directories on a container's filesystem",
  aliases: ["container diff", "diff"],
  args: { min: 1, max: 1 },
  flags: [],
  run: async ({ args, client, stdout }) => {
    const [container = ""] = args;
    if (container.trim() === "") throw new Error("invalid container name or ID: value is empty");
    const changes = await client.containers.changes(container);
    for (const { Path, Kind } of changes) await stdout.write(new TextEncoder().encode(`${letters[Kind] ?? Kind} ${Path}\n`));
    return 0;
  },
};
