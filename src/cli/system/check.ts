import { type CheckReply, NotFoundError } from "#client";
import type { Command, Invocation } from "../command.ts";
import { bool } from "../flag.ts";
import { ExitError } from "../usage-error.ts";

/** Says what of the engine's blobs, layers and rows is not what it was; Docker has nothing like it. */
export const checkCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: `Read all that the engine keeps and say what is damaged

Every blob, layer and row is read. The exit code is 1 when something is wrong, or could not be mended with --repair.`,
  args: { min: 0, max: 0 },
  flags: [bool("repair", "Fetch what is damaged or missing again, and unpack it again"), bool("json", "Print the daemon's reply as it is")],
  run: check,
};

async function check({ flags, client, stdout }: Invocation): Promise<number> {
  const reply = await client.system.check({ repair: flags.bool("repair") }).catch((error: unknown) => {
    throw error instanceof NotFoundError
      ? new ExitError(1, "system check needs gantry: the daemon is another engine", { cause: error })
      : error;
  });
  stdout.print(flags.bool("json") ? `${JSON.stringify(reply)}\n` : describeCheck(reply));
  return isWell(reply, flags.bool("repair")) ? 0 : 1;
}

/** What was found, a line each, and below it what heals it. */
export function describeCheck({ Checked, Database, Flaws, Steps }: CheckReply): string {
  const flaws = Flaws.map(({ Kind, Digest, Problem, Reason, UsedBy }) => {
    const users = UsedBy.length === 0 ? "" : ` (${UsedBy.join(", ")})`;
    return `${Problem} ${Kind} ${Digest}${users}${Reason === "" ? "" : `: ${Reason}`}`;
  });
  const steps = Steps.map(({ Action, Kind, Digest, Cause, Outcome, Error: failure }, index) => {
    const end = Outcome === "planned" ? "" : failure === undefined ? " - done" : ` - failed: ${failure}`;
    return `#${index + 1} ${Action} ${Kind} ${Digest}: ${Cause}${end}`;
  });
  const plan = steps.length === 0 ? [] : ["", Steps[0]?.Outcome === "planned" ? "system check --repair would:" : "repair:", ...steps];
  const unjudged = Checked.Unjudged === undefined ? "" : ` (${Checked.Unjudged} layers not compared: their blobs were dropped)`;
  const sum = `${Checked.Blobs} blobs and ${Checked.Layers} layers read${unjudged}, ${Flaws.length + Database.length} flaws`;
  return `${[...Database.map((line) => `damaged state database: ${line}`), ...flaws, sum, ...plan].join("\n")}\n`;
}

function isWell({ Database, Flaws, Steps }: CheckReply, repaired: boolean): boolean {
  if (Database.length > 0) return false;
  return repaired ? Steps.every(({ Outcome }) => Outcome === "done") : Flaws.length === 0;
}
