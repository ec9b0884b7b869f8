// Writes the references that come from tables in the code: docs/command-line.md, docs/api.md, docs/daemon.md and docs/compat.md.
// With --check it writes nothing and fails, naming the file, when one is not what the code says. With --man FOLDER it writes the manual there
// instead, which is made at each build and not kept.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { absentRoutes, experimentalRoutes, routes, swarmRoutes } from "#wire";
import { knownDifferences } from "../test/docker-table/differences.ts";
import { findCommand, groupCommands, groups, shortCommands, type GroupName } from "../src/cli/catalogue.ts";
import { globalFlags } from "../src/cli/global-flags.ts";
import { commandHelp, flagTable } from "../src/cli/help.ts";
import { daemonHelp } from "../src/daemon/describe-daemon.ts";
import { compatReference } from "./references/compat.ts";
import { manualPages } from "./manual/pages.ts";
import { settingsReference } from "../src/daemon/options/reference.ts";

const root = resolve(import.meta.dir, "..");
const origin = "<!-- Written by `bun scripts/docs.ts` from the code; edit that. -->";

async function commandLine(): Promise<string> {
  const short = [...shortCommands(true), ...shortCommands(false)].map(({ name }) => name);
  const grouped = (Object.keys(groups) as GroupName[]).flatMap((group) => groupCommands(group).map(({ name }) => `${group} ${name}`));
  const sections = await Promise.all([...short.toSorted(), ...grouped].map(commandSection));
  return [
    "# Command line",
    origin,
    "Called under the name `docker`, the same executable says docker in its help and errors.",
    `## Options before the command\n\n\`\`\`text\n${flagTable(globalFlags({ HOME: "~" }), 120)}\n\`\`\``,
    ...sections,
    "",
  ].join("\n\n");
}

async function commandSection(path: string): Promise<string> {
  const found = findCommand(path);
  if (found === undefined) throw new Error(`the catalogue lists ${path} and does not find it`);
  const help = commandHelp(await found.load(), { program: "gantry", path: found.path, columns: 120 });
  return `## gantry ${path}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\``;
}

function api(): string {
  const served = Object.values(routes).map((route) => `| ${route.method} | \`${route.path}\` | ${parameters(route.query)} |`);
  const plain = (list: readonly (readonly [string, string])[]): string =>
    list.map(([method, path]) => `* ${method} \`${path}\``).join("\n");
  return [
    "# The API",
    origin,
    "Docker's REST API, versions 1.24 to 1.51, at `/v1.NN/...`. Every route is also reached without a version.",
    `## Served\n\n| method | path | query |\n|---|---|---|\n${served.join("\n")}`,
    `## Otherwise than Docker 28.5.2\n\nFound by asking both engines some 1,400 requests (\`test/docker-table\`); a difference that is not listed fails the test, and so does one that is gone.\n\n${otherwise()}`,
    `## Not there yet: 501, and the reply names the route\n\n${plain(absentRoutes)}`,
    `## Experimental in Docker: 501 and its sentence, as without --experimental\n\n${plain(experimentalRoutes)}`,
    `## Swarm: 503 and Docker's sentence, as an engine outside a swarm answers\n\n${plain(swarmRoutes)}`,
    "",
  ].join("\n\n");
}

function otherwise(): string {
  const meant = knownDifferences.filter(({ status, machine }) => status === undefined && machine === undefined);
  const listed = meant.map(
    ({ at, reason }) =>
      `* ${reason} (\`${at.source
        .replaceAll("\\d", "N")
        .replaceAll(/[\\^$]/g, "")
        .replace(/^\//, "")}\`)`,
  );
  const limits = [
    "* a JSON body ends at 4 MiB: 413",
    "* a request that could be taken for two (several lengths, a length beside chunks, bare line feeds, folded fields) is 400 and ends its connection",
    "* a start with an empty chunked body is a start",
  ];
  return [...new Set(listed), ...limits].join("\n");
}

function daemon(): string {
  return [
    "# The daemon",
    origin,
    "Settings are said as flags or in `/etc/gantry/daemon.json`, under dockerd's names; the same setting in both places stops the start. So does a setting whose function is not there yet, by its name. `gantryd --validate` says `configuration OK`, or what is wrong. SIGHUP reads the file anew.",
    settingsReference(),
    `## Flags\n\n\`\`\`text\n${daemonHelp(120).trimEnd()}\n\`\`\``,
    "",
  ].join("\n\n");
}

function parameters(query: Readonly<Record<string, unknown>>): string {
  return Object.keys(query)
    .map((name) => `\`${name}\``)
    .join(", ");
}

async function writeManual(folder: string): Promise<number> {
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  for (const [name, text] of Object.entries(await manualPages())) writeFileSync(resolve(fresh, name), text);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return 0;
}

async function writeReferences(check: boolean): Promise<number> {
  const texts = {
    "docs/command-line.md": await commandLine(),
    "docs/api.md": api(),
    "docs/daemon.md": daemon(),
    "docs/compat.md": compatReference(origin),
  };
  const stale = Object.entries(texts).filter(([path, text]) => readOrEmpty(resolve(root, path)) !== text);
  for (const [path, text] of stale) {
    if (check) console.error(`${path} is not what the code says: bun scripts/docs.ts`);
    else writeFileSync(resolve(root, path), text);
  }
  return check && stale.length > 0 ? 1 : 0;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const [mode, folder] = process.argv.slice(2);
process.exit(mode === "--man" ? await writeManual(folder ?? "dist/man") : await writeReferences(mode === "--check"));
