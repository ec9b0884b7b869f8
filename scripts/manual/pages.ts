// The manual: a page for the program, one for each command and group, one for the daemon, all from the tables that the code runs by.
import { entryOf, findCommand, groupCommands, type GroupName, groups, shortCommands } from "../../src/cli/catalogue.ts";
import { globalFlags } from "../../src/cli/global-flags.ts";
import { summaryOf } from "../../src/cli/help.ts";
import { daemonFlags } from "../../src/daemon/options/flags.ts";
import { bold, escaped, formatPage, optionsPart, type Part, pointer } from "./page.ts";

/** Where the defaults of the global options lie, for everybody. */
const anybody = { HOME: "~" };

const variables: readonly (readonly [name: string, meaning: string])[] = [
  ["DOCKER_HOST", "the daemon, as --host names it"],
  ["DOCKER_CONTEXT", "the context, as --context names it"],
  ["DOCKER_CONFIG", "the folder of the settings, as --config names it"],
  ["DOCKER_TLS, DOCKER_TLS_VERIFY", "when not empty, as --tls and --tlsverify"],
  ["DOCKER_CERT_PATH", "the folder of ca.pem, cert.pem and key.pem"],
  ["DOCKER_API_VERSION", "the version of the API, which is then not negotiated"],
  ["DOCKER_CUSTOM_HEADERS", "headers of every request, as name=value, separated by commas; those of config.json are then left out"],
  ["DOCKER_DEFAULT_PLATFORM", "what --platform is where it is not given"],
];

const codes: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "done"],
  ["1", "the daemon, or the command, said no"],
  ["125", "the line is wrong; of run and create: no container was started"],
  ["126", "run: the command cannot be run"],
  ["127", "run: there is no such command"],
  ["other", "the code of the container's program, or 128 and the number of the signal that ended it"],
];

const terms = (rows: readonly (readonly [string, string])[]): Part["body"] =>
  rows.map(([term, meaning]) => ({ term: bold(term), text: meaning }));

/** Every page by its file name. */
export async function manualPages(): Promise<Readonly<Record<string, string>>> {
  const pages: Record<string, string> = { "gantry.1": programPage(), "gantryd.8": daemonPage() };
  for (const group of Object.keys(groups) as GroupName[]) pages[`gantry-${group}.1`] = groupPage(group);
  for (const path of commandPaths()) {
    const name = pageName(path);
    pages[`${name}.1`] ??= await commandPage(path);
    for (const other of entryOf(path).slice(1)) pages[`${pageName(other)}.1`] ??= pointer(name);
  }
  return pages;
}

function commandPaths(): readonly string[] {
  const short = [...shortCommands(true), ...shortCommands(false)].map(({ name }) => name);
  const grouped = (Object.keys(groups) as GroupName[]).flatMap((group) => groupCommands(group).map(({ name }) => `${group} ${name}`));
  return [...short, ...grouped];
}

function pageName(path: string): string {
  return `gantry-${path.replaceAll(" ", "-")}`;
}

function programPage(): string {
  return formatPage({
    name: "gantry",
    section: "1",
    summary: "a container engine that speaks Docker",
    parts: [
      { title: "Synopsis", body: [`${bold("gantry")} [\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARG\\fR...]`] },
      {
        title: "Description",
        body: [
          "Runs containers by a daemon, gantryd(8), or by one of Docker's. As root it starts the daemon when none answers at the usual place.",
          "Called under the name docker, help and errors say docker.",
        ],
      },
      { title: "Commands", body: listed([...shortCommands(true), ...shortCommands(false)]) },
      { title: "Groups of commands", body: listed(Object.entries(groups).map(([name, summary]) => ({ name, summary }))) },
      ...optionsPart("Options", globalFlags(anybody)),
      { title: "Exit status", body: terms(codes) },
      { title: "Environment", body: terms(variables) },
      {
        title: "Files",
        body: terms([
          ["~/.docker/config.json", "settings of the user, shared with Docker's client"],
          ["~/.docker/contexts/", "contexts, shared with Docker's client"],
          ["~/.docker/cli-plugins/", "plugins: programs called docker-NAME"],
          ["/run/gantry/gantry.sock", "where the daemon listens"],
        ]),
      },
      seeAlso(["gantryd(8)", ...Object.keys(groups).map((group) => `gantry-${group}(1)`)]),
    ],
  });
}

function groupPage(group: GroupName): string {
  const commands = groupCommands(group).map(({ name, summary }) => ({ name: `${group} ${name}`, summary }));
  const parts = [
    { title: "Synopsis", body: [`${bold(`gantry ${group}`)} \\fICOMMAND\\fR`] },
    { title: "Commands", body: listed(commands) },
    seeAlso(["gantry(1)", ...commands.map(({ name }) => `${pageName(name)}(1)`)]),
  ];
  return formatPage({ name: `gantry-${group}`, section: "1", summary: groups[group], parts });
}

async function commandPage(path: string): Promise<string> {
  const found = findCommand(path);
  if (found === undefined) throw new Error(`the catalogue lists ${path} and does not find it`);
  const command = await found.load();
  const [summary = "", ...description] = summaryOf(command, "gantry").split("\n\n");
  const aliases = entryOf(path);
  return formatPage({
    name: pageName(path),
    section: "1",
    summary,
    parts: [
      { title: "Synopsis", body: aliases.map((alias) => `${bold(`gantry ${alias}`)} ${escaped(command.synopsis)}`.trim()) },
      ...(description.length === 0 ? [] : [{ title: "Description", body: description.map(escaped) }]),
      ...optionsPart("Options", command.flags),
      seeAlso(["gantry(1)"]),
    ],
  });
}

function daemonPage(): string {
  return formatPage({
    name: "gantryd",
    section: "8",
    summary: "the daemon that runs containers",
    parts: [
      { title: "Synopsis", body: [`${bold("gantryd")} [\\fIOPTIONS\\fR]`] },
      {
        title: "Description",
        body: ["Holds no container: each runs under a monitor of its own and outlives the daemon, which finds it again at its next start."],
      },
      ...optionsPart("Options", daemonFlags),
      { title: "Files", body: terms([["/etc/gantry/daemon.json", "settings, under the names of the flags"]]) },
      seeAlso(["gantry(1)"]),
    ],
  });
}

function listed(commands: readonly { readonly name: string; readonly summary: string }[]): Part["body"] {
  return commands.map(({ name, summary }) => ({ term: `${bold(pageName(name))}(1)`, text: summary }));
}

function seeAlso(names: readonly string[]): Part {
  return { title: "See also", body: [names.map(escaped).join(", ")] };
}
