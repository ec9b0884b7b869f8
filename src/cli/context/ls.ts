import { messageOf } from "#base";
import type { Command, Invocation } from "../command.ts";
import { bool } from "../flag.ts";
import { tableFormatFlag } from "../format-flag.ts";
import { type Listing, printRows } from "../listing.ts";
import { defaultDescription } from "./read-context.ts";
import { ContextStore, defaultContext } from "./store.ts";
import { overridden } from "./use.ts";

export const contextLsCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "List contexts",
  aliases: ["context ls", "context list"],
  args: { min: 0, max: 0 },
  flags: [tableFormatFlag, bool("quiet", "Only show context names", { short: "q" })],
  run: async (invocation) => {
    const { flags, stderr } = invocation;
    const code = await printRows(invocation, listing, contextRows(invocation), {
      format: flags.text("format"),
      quiet: flags.bool("quiet"),
    });
    if ((process.env["DOCKER_HOST"] ?? "") !== "") stderr.print(overridden("a context"));
    return code;
  },
};

const listing: Listing = {
  type: "*formatter.clientContextContext",
  columns: ["Name", "Description", "DockerEndpoint", "Error"],
  headers: { Name: "NAME", Description: "DESCRIPTION", DockerEndpoint: "DOCKER ENDPOINT", Error: "ERROR" },
  quiet: "Name",
  shownAs: { Name: (row) => (row["Current"] === true ? `${String(row["Name"])} *` : String(row["Name"])) },
};

interface ContextRow {
  readonly Current: boolean;
  readonly Description: string;
  readonly DockerEndpoint: string;
  readonly Error: string;
  readonly Name: string;
}

/** Every context; the one in use also when it is not there. */
function contextRows({ config, context: current, hostOf }: Invocation): readonly ContextRow[] {
  const store = new ContextStore(config.folder);
  const row = (Name: string, shown: Partial<ContextRow>): ContextRow => ({
    Current: Name === current,
    Description: "",
    DockerEndpoint: "",
    Error: "",
    Name,
    ...shown,
  });
  const stored = store
    .list()
    .map(({ Name, Metadata, Endpoints }) =>
      row(Name, { Description: Metadata.Description ?? "", DockerEndpoint: Endpoints["docker"]?.Host ?? "" }),
    );
  const rows = [defaultRow(), ...stored];
  if (!rows.some((shown) => shown.Current)) rows.push(row(current, { Error: shortened(absence(store, current)) }));
  return rows.toSorted((a, b) => compareNaturally(a.Name, b.Name));

  function defaultRow(): ContextRow {
    try {
      return row(defaultContext, { Description: defaultDescription, DockerEndpoint: hostOf(defaultContext).endpoint.address });
    } catch (error) {
      return row(defaultContext, { Description: defaultDescription, Error: shortened(messageOf(error)) });
    }
  }
}

function absence(store: ContextStore, name: string): string {
  try {
    store.read(name);
    return "";
  } catch (error) {
    return messageOf(error);
  }
}

function shortened(message: string): string {
  return message.length > 45 ? `${message.slice(0, 44)}…` : message;
}

/** Numbers in names count as numbers: a2 before a10. */
function compareNaturally(a: string, b: string): number {
  const parts = (name: string): string[] => name.match(/\d+|\D+/g) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (const [at, part] of left.entries()) {
    const other = right[at];
    if (other === undefined) return 1;
    if (part === other) continue;
    const numbers = /^\d/.test(part) && /^\d/.test(other) ? Number(part) - Number(other) : 0;
    return numbers !== 0 ? numbers : part < other ? -1 : 1;
  }
  return left.length - right.length;
}
