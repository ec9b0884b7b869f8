import { product } from "#base";
import { newestApiVersion, type VersionReply } from "#client";
import type { Command, Invocation } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { objectFormatFlag, outputFormat } from "./format-flag.ts";
import { goJson } from "./json-text.ts";

export const versionCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Show the version information",
  args: { min: 0, max: 0 },
  flags: [objectFormatFlag],
  run: version,
};

async function version({ flags, client, context, stdout, stderr, program }: Invocation): Promise<number> {
  const format = outputFormat(flags.text("format"));
  let server: VersionReply | undefined;
  let failure: string | undefined;
  try {
    server = await client.system.version();
  } catch (error) {
    failure = describeError(error, program);
  }
  const facts = clientFacts(server === undefined ? newestApiVersion : client.transport.version, context);
  stdout.print(format === "json" ? `${goJson({ Client: facts, Server: server ?? null })}\n` : versionText(facts, server));
  if (failure === undefined) return 0;
  stderr.print(`${failure}\n`);
  return 1;
}

interface ClientFacts {
  readonly Platform: { readonly Name: string };
  readonly Version: string;
  readonly ApiVersion: string;
  readonly DefaultAPIVersion: string;
  readonly GitCommit: string;
  readonly BunVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly Context: string;
}

function clientFacts(apiVersion: string, context: string): ClientFacts {
  return {
    Platform: { Name: "Gantry" },
    Version: product.version,
    ApiVersion: apiVersion,
    DefaultAPIVersion: newestApiVersion,
    GitCommit: product.commit,
    BunVersion: Bun.version,
    Os: "linux",
    Arch: process.arch === "x64" ? "amd64" : process.arch,
    Context: context,
  };
}

function versionText(facts: ClientFacts, server: VersionReply | undefined): string {
  const api = facts.ApiVersion === newestApiVersion ? facts.ApiVersion : `${facts.ApiVersion} (downgraded from ${newestApiVersion})`;
  const lines = [
    `Client: ${facts.Platform.Name}`,
    row("Version", facts.Version),
    row("API version", api),
    row("Bun version", facts.BunVersion),
    row("Git commit", facts.GitCommit),
    row("OS/Arch", `${facts.Os}/${facts.Arch}`),
    row("Context", facts.Context),
  ];
  if (server !== undefined) lines.push("", ...serverLines(server));
  return `${lines.join("\n")}\n`;
}

function serverLines(server: VersionReply): string[] {
  const name = server.Platform?.Name ?? "";
  const lines = [`Server:${name === "" ? "" : ` ${name}`}`];
  for (const component of server.Components ?? []) {
    const details = component.Details ?? {};
    lines.push(` ${component.Name}:`);
    const put = (label: string, value: string | undefined): void => {
      if (value !== undefined) lines.push(`  ${`${label}:`.padEnd(17)} ${value}`);
    };
    put("Version", component.Version);
    if (details["ApiVersion"] === undefined) {
      for (const [key, value] of Object.entries(details).toSorted(([a], [b]) => (a < b ? -1 : 1))) put(key, value);
      continue;
    }
    put("API version", `${details["ApiVersion"]} (minimum version ${details["MinAPIVersion"]})`);
    put("Go version", details["GoVersion"]);
    put("Bun version", details["BunVersion"]);
    put("Git commit", details["GitCommit"]);
    put("Built", builtText(details["BuildTime"]));
    put("OS/Arch", `${details["Os"]}/${details["Arch"]}`);
    put("Experimental", details["Experimental"]);
  }
  return lines;
}

/** "Tue Sep 15 11:02:57 2026", as Docker shows an instant; anything else as it is. */
function builtText(time: string | undefined): string | undefined {
  const date = new Date(time ?? "");
  if (Number.isNaN(date.getTime())) return time;
  const [day, month, , year] = date.toString().split(" ");
  return `${day} ${month} ${String(date.getDate()).padStart(2)} ${date.toTimeString().slice(0, 8)} ${year}`;
}

function row(label: string, value: string): string {
  return ` ${`${label}:`.padEnd(18)} ${value}`;
}
