import { newestApiVersion, type VersionReply } from "#client";
import type { Command, Invocation } from "./command.ts";
import { type ClientFacts, clientFacts } from "./client-facts.ts";
import { describeError } from "./describe-error.ts";
import { objectFormatFlag } from "./format-flag.ts";

export const versionCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Show the version information",
  args: { min: 0, max: 0 },
  flags: [objectFormatFlag],
  run: version,
};

async function version({ flags, client, context, stdout, stderr, program }: Invocation): Promise<number> {
  const format = flags.text("format");
  const template =
    format === "" ? undefined : new (await import("./object-template.ts")).ObjectTemplate(format, "system.versionInfo", "version");
  let server: VersionReply | undefined;
  let failure: string | undefined;
  try {
    server = await client.system.version();
  } catch (error) {
    failure = describeError(error, program);
  }
  const facts = clientFacts(server === undefined ? newestApiVersion : client.transport.version, context);
  if (template === undefined) {
    stdout.print(versionText(facts, server));
  } else {
    const shown = template.format(JSON.stringify({ Client: facts, Server: server === undefined ? null : withBuildTimes(server) }));
    stdout.print(`${shown.text}\n`);
    failure ??= shown.failure;
  }
  if (failure === undefined) return 0;
  stderr.print(`${failure}\n`);
  return 1;
}

function versionText(facts: ClientFacts, server: VersionReply | undefined): string {
  const api = facts.ApiVersion === newestApiVersion ? facts.ApiVersion : `${facts.ApiVersion} (downgraded from ${newestApiVersion})`;
  const lines = [
    `Client: ${facts.Platform.Name}`,
    row("Version", facts.Version),
    row("API version", api),
    row("Bun version", Bun.version),
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

/** The reply with the time of its engine as people read it, which Docker shows in templates too. */
function withBuildTimes(server: VersionReply): VersionReply {
  const components = server.Components?.map((component) => {
    const built = component.Name === "Engine" ? builtText(component.Details?.["BuildTime"]) : undefined;
    return built === undefined ? component : { ...component, Details: { ...component.Details, BuildTime: built } };
  });
  return { ...server, ...(components && { Components: components }) };
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
