// docs/compat.md: in what Gantry knowingly differs from Docker 28.5, gathered from the tables that tests hold to be true.
import { absentTable } from "../../src/cli/absent/table.ts";
import type { Setting } from "../../src/daemon/options/setting.ts";
import { themes } from "../../src/daemon/options/settings.ts";
import { knownDifferences as answers } from "../../test/docker-table/differences.ts";
import { matrixCases } from "../../test/matrix/cases.ts";
import { knownDifferences as sights } from "../../test/matrix/differences.ts";
import { options } from "../../test/matrix/options/index.ts";

export function compatReference(origin: string): string {
  const flags = new Set(options.map(({ flag }) => flag)).size;
  return [
    "# Otherwise than Docker 28.5",
    origin,
    "What is not listed here is meant to be the same; where it is not, that is a bug.",
    `## What \`run\` and \`create\` do\n\nFound by ${matrixCases().length - 1} command lines with all ${flags} flags (\`test/matrix\`): what a process sees of itself, its mounts, limits, devices, namespaces and control groups, what inspect says, and how the client ends. A difference that is not listed fails \`test/e2e/matrix.test.ts\`, and so does one that is gone.`,
    list(sights.filter(({ open }) => open !== true).map(({ says }) => says)),
    `Not meant; to be mended, or waiting for what is not there yet:\n\n${list(sights.filter(({ open }) => open === true).map(({ says }) => says))}`,
    `Said in the matrix without a fact that could show it:\n\n${list(options.flatMap(({ words, silent }) => (silent === undefined ? [] : [`\`${words.join(" ")}\`: ${silent}.`])))}`,
    `## What the API answers\n\nFound by some 1,400 requests (\`test/docker-table\`); where in the answers stands in [api.md](api.md), with the routes that are not there yet.`,
    list(
      answers
        .filter(({ status, machine, reason }) => status === undefined && machine === undefined && !reason.startsWith("as the "))
        .map(({ reason }) => sentence(reason)),
    ),
    `## Commands that are not there yet\n\nThey are known, parse their flags as Docker's do, and end with 1 and their name.`,
    absentCommands(),
    `## Settings of the daemon that are not there yet\n\nA value that nothing here can honour stops the start and is named; all settings stand in [daemon.md](daemon.md).`,
    refusedSettings(),
    "",
  ].join("\n\n");
}

function list(lines: readonly string[]): string {
  return [...new Set(lines)].map((line) => `* ${line}`).join("\n");
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** A group a line; each command by its first name. */
function absentCommands(): string {
  const groups = new Map<string, string[]>();
  for (const line of absentTable.trim().split("\n")) {
    const [first = ""] = (line.split(";")[0] ?? "").split(",");
    const [group = "", verb = ""] = first.trim().split(" ");
    groups.set(group, [...(groups.get(group) ?? []), verb]);
  }
  return list([...groups].map(([group, verbs]) => `\`${group}\`${verbs.join("") === "" ? "" : `: ${verbs.join(", ")}`}`));
}

function refusedSettings(): string {
  const limited = Object.values(themes)
    .flatMap((settings): [string, Setting][] => Object.entries(settings))
    .filter(([, setting]) => setting.supports !== undefined);
  return list(limited.map(([key, { note }]) => `\`${key}\`: ${note ?? "only its default"}`));
}
