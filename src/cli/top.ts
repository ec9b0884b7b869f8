import type { Command, Invocation } from "./command.ts";
import { formatTable } from "./table.ts";

export const topCommand: Command = {
  synopsis: "CONTAINER [ps OPTIONS]",
  summary: "Display the running processes of a container",
  aliases: ["container top", "top"],
  args: { min: 1 },
  // What follows the container belongs to ps.
  interspersed: false,
  flags: [],
  run: top,
};

/** Least width of a column; wider than in other tables, as Docker has it here. */
const leastWidth = 20;

async function top({ args, client, stdout }: Invocation): Promise<number> {
  const [container = "", ...psArguments] = args;
  const { Titles, Processes } = await client.containers.top(container, psArguments.join(" "));
  stdout.print(formatTable([Titles, ...(Processes ?? [])], { least: leastWidth }));
  return 0;
}
