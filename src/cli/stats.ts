import { shortId } from "#base";
import type { DockerClient } from "#client";
import type { Command, Invocation } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { bool } from "./flag.ts";
import { tableFormatFlag } from "./format-flag.ts";
import { formatRows, type Listing } from "./listing.ts";
import { screenSize } from "./terminal.ts";
import { containerEvents, UsageBoard, type Watched } from "./usage-board.ts";
import { type UsageRow, usageFigures, usageRow } from "./usage-row.ts";
import { ExitError } from "./usage-error.ts";

export const statsCommand: Command = {
  synopsis: "[OPTIONS] [CONTAINER...]",
  summary: "Display a live stream of container(s) resource usage statistics",
  aliases: ["container stats", "stats"],
  args: { min: 0 },
  flags: [
    bool("all", "Show all containers (default shows just running)", { short: "a" }),
    tableFormatFlag,
    bool("no-stream", "Disable streaming stats and only pull the first result"),
    bool("no-trunc", "Do not truncate output"),
  ],
  run: stats,
};

const listing: Listing = {
  type: "*container.statsContext",
  columns: ["ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"],
  headers: {
    ID: "CONTAINER ID",
    Container: "CONTAINER",
    Name: "NAME",
    CPUPerc: "CPU %",
    MemUsage: "MEM USAGE / LIMIT",
    MemPerc: "MEM %",
    NetIO: "NET I/O",
    BlockIO: "BLOCK I/O",
    PIDs: "PIDS",
  },
};

/** Milliseconds between two drawings. */
const interval = 500;

async function stats(invocation: Invocation): Promise<number> {
  const { flags, args, client, stdout } = invocation;
  const format = flags.text("format") || invocation.config.text("statsFormat");
  const print = async (watched: readonly Watched[], redraw: boolean): Promise<void> => {
    const columns = invocation.program === "docker" ? undefined : screenSize()?.columns;
    const rows = watched.map((each) => rowOf(each, flags.bool("no-trunc")));
    const text = await formatRows(listing, rows, { format, ...(columns !== undefined && { columns }) });
    stdout.print(redraw ? overwriting(text) : text);
  };
  const containers = args.length > 0 ? args : await listed(client, flags.bool("all"));
  if (flags.bool("no-stream")) {
    await print(await readOnce(invocation, containers), false);
    return 0;
  }
  await stream(invocation, containers, print);
  return 0;
}

async function listed(client: DockerClient, all: boolean): Promise<string[]> {
  return (await client.containers.list({ all })).map(({ Id }) => shortId(Id));
}

async function readOnce({ client, program }: Invocation, containers: readonly string[]): Promise<readonly Watched[]> {
  const watched = await Promise.all(
    containers.map(async (reference): Promise<Watched> => {
      try {
        const { value } = await (await client.containers.stats(reference, { stream: false })).next();
        return { reference, stats: value ?? undefined, failure: undefined };
      } catch (error) {
        return { reference, stats: undefined, failure: error };
      }
    }),
  );
  refuseFailures(watched, program);
  return watched;
}

/** Draws until the user ends it. Without names it goes by events: what starts comes, what ends goes. */
async function stream(
  { flags, args, client, program }: Invocation,
  containers: readonly string[],
  print: (watched: readonly Watched[], redraw: boolean) => Promise<void>,
): Promise<void> {
  using board = new UsageBoard(client);
  const end = new AbortController();
  const events = args.length > 0 ? undefined : await containerEvents(client, end.signal);
  // What came between the list and the events is in neither; so the list is made again.
  const known = events === undefined ? containers : await listed(client, flags.bool("all"));
  await Promise.all(known.map((reference) => board.watch(reference)));
  if (args.length > 0) refuseFailures(board.all, program);
  const following = events === undefined ? undefined : follow(events, board, flags.bool("all"));
  try {
    for (;;) {
      await print(board.all, true);
      await Promise.race([Bun.sleep(interval), ...(following === undefined ? [] : [following])]);
    }
  } finally {
    end.abort();
  }
}

/** @throws when the daemon goes away */
async function follow(events: Awaited<ReturnType<typeof containerEvents>>, board: UsageBoard, all: boolean): Promise<never> {
  for await (const { Action, Actor } of events) {
    const id = shortId(Actor.ID);
    if (Action === "start" || (all && Action === "create")) void board.watch(id);
    else if (Action === (all ? "destroy" : "die")) board.drop(id);
  }
  throw new ExitError(1, "the daemon ended the stream of events");
}

/** @throws ExitError with all that went wrong */
function refuseFailures(watched: readonly Watched[], program: string): void {
  const failures = watched.flatMap(({ failure }) => (failure === undefined ? [] : [describeError(failure, program)]));
  if (failures.length > 0) throw new ExitError(1, failures.join("\n"));
}

function rowOf({ reference, stats: reading, failure }: Watched, whole: boolean): UsageRow {
  const id = reading?.id ?? reference;
  const named = { container: reference, id: whole ? id : shortId(id), name: (reading?.name ?? "").replace(/^\//, "") || "--" };
  return usageRow(named, reading === undefined || failure !== undefined ? undefined : usageFigures(reading));
}

/** From the upper left corner on, over what stands there. */
function overwriting(text: string): string {
  return `\u001b[H${text.replaceAll("\n", "\u001b[K\n")}\u001b[J`;
}
