// What runs in a container, told by the ps of the host: it is asked for the container's processes, and lines of others are dropped.
// Docker's rules for reading what ps prints, and its words where that cannot be done.
import { fault } from "#base";
import { isUp } from "#container";
import type { ProcessTable } from "../verbs.ts";
import { announce } from "./announce.ts";
import type { ContainerNeeds } from "./needs.ts";

type TopNeeds = Pick<ContainerNeeds, "roster" | "runtime" | "processLister" | "announcer">;

/** @throws conflict when it does not run; internal with the words of ps, or when what it prints has no PID */
export async function listProcesses(needs: TopNeeds, reference: string, psArguments: string): Promise<ProcessTable> {
  const asked = psArguments === "" ? "-ef" : psArguments;
  refuseFalsePid(asked);
  const container = needs.roster.find(reference);
  if (!isUp(container.state)) throw fault("conflict", `container ${container.id} is not running`);
  const pids = await needs.runtime.processes(container.id);
  const table = readTable(await needs.processLister.list(asked.split(" "), pids), new Set(pids));
  announce(needs.announcer, container, "top");
  return table;
}

/** A column that only calls itself PID would let lines of other processes through. */
function refuseFalsePid(psArguments: string): void {
  for (const [, column = "", title = ""] of psArguments.matchAll(/\s+([^\s]*)=\s*(PID[^\s]*)/g))
    if (column !== "pid") throw fault("internal", `specifying "${column}=${title}" is not allowed`);
}

/** The lines of these processes, with the lines of their threads below each. Fields beyond the titles belong to the last one. */
export function readTable(text: string, pids: ReadonlySet<number>): ProcessTable {
  const [head = "", ...lines] = text.split("\n");
  const titles = fieldsOf(head);
  const at = titles.indexOf("PID");
  if (at === -1) throw fault("internal", "Couldn't find PID field in ps output");
  const processes: string[][] = [];
  let isOurs = false;
  for (const line of lines) {
    const fields = fieldsOf(line);
    if (fields.length === 0) continue;
    if (fields[at] !== "-") isOurs = pids.has(readPid(fields[at] ?? ""));
    if (isOurs) processes.push([...fields.slice(0, titles.length - 1), fields.slice(titles.length - 1).join(" ")]);
  }
  return { titles, processes };
}

function readPid(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw fault("internal", `Unexpected pid '${text}': strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function fieldsOf(line: string): string[] {
  return line.split(/[\t\v\f\r ]+/).filter((field) => field !== "");
}
