// Our templates against Go's: what Docker's own client made of hundreds of them (bun scripts/record-go-templates.ts).
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { messageOf } from "#base";
import type { ContainerSummary } from "#client";
import { containerRow } from "./container-row.ts";
import { formatRows } from "./listing.ts";
import { inspectTemplate } from "./object-template.ts";
import { containerListing, showsSize } from "./ps.ts";
import { ExitError } from "./usage-error.ts";

const folder = join(import.meta.dir, "../../test/fixtures/go-templates");
const container = await Bun.file(join(folder, "container.json")).text();
const containers = (await Bun.file(join(folder, "containers.json")).json()) as readonly ContainerSummary[];

interface Answer {
  readonly command: "inspect" | "ps";
  readonly template: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

type Outcome = Pick<Answer, "stdout" | "stderr" | "code">;

const { answers } = (await Bun.file(join(folder, "answers.json")).json()) as { readonly answers: readonly Answer[] };

function inspected(template: string): Outcome {
  try {
    return { stdout: inspectTemplate(template)({ json: container, type: "container.InspectResponse" }), stderr: "", code: 0 };
  } catch (error) {
    const code = error instanceof ExitError ? error.code : 1;
    return { stdout: code === 1 ? "\n" : "", stderr: `${messageOf(error)}\n`, code };
  }
}

async function listed(format: string): Promise<Outcome> {
  try {
    await showsSize(format);
    const rows = containers.map((summary) => containerRow(summary, false));
    return { stdout: await formatRows(containerListing(false, containers), rows, { format }), stderr: "", code: 0 };
  } catch (error) {
    return { stdout: "", stderr: `${messageOf(error)}\n`, code: 1 };
  }
}

function ofCommand(command: Answer["command"]): readonly Answer[] {
  return answers.filter((answer) => answer.command === command);
}

/** An address of memory differs from run to run in Go. */
function settled(text: string): string {
  return text.replaceAll(/0xc[0-9a-f]{9}/g, "<address>");
}

describe("inspect -f says what Docker's client says to", () => {
  test.each(ofCommand("inspect").map(({ template, ...answer }) => [template, answer] as const))(
    "%j",
    (template, { stdout, stderr, code }) => {
      const ours = inspected(template);
      expect({ ...ours, stdout: settled(ours.stdout) }).toEqual({ stdout: settled(stdout), stderr, code });
    },
  );
});

describe("ps --format says what Docker's client says to", () => {
  test.each(ofCommand("ps").map(({ template, ...answer }) => [template, answer] as const))(
    "%j",
    async (format, { stdout, stderr, code }) => {
      const ours = await listed(format);
      expect(settleTimes(ours)).toEqual(settleTimes({ stdout, stderr, code }));
    },
  );
});

/** How long ago something was made differs from day to day, and with it the width of its column. */
function settleTimes(outcome: Outcome): Outcome {
  if (!/ ago\b/.test(outcome.stdout)) return outcome;
  return { ...outcome, stdout: outcome.stdout.replaceAll(/(?:\d+|About an?|Less than a) \w+ ago/g, "<time>").replaceAll(/ {2,}/g, "  ") };
}
