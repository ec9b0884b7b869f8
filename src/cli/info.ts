import { product } from "#base";
import type { DockerClient, InfoReply } from "#client";
import { isBuiltin } from "./catalogue.ts";
import { clientFacts } from "./client-facts.ts";
import type { Command, Invocation } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { objectFormatFlag } from "./format-flag.ts";
import { serverInfo } from "./info-text.ts";
import { listPlugins, type Plugin } from "./plugins/plugin.ts";

export const infoCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Display system-wide information",
  aliases: ["system info", "info"],
  args: { min: 0, max: 0 },
  flags: [objectFormatFlag],
  run: info,
};

async function info(invocation: Invocation): Promise<number> {
  const { flags, client, config, context, stdout, stderr, program } = invocation;
  const format = flags.text("format");
  const plugins = await listPlugins(config, isBuiltin);
  if (format !== "") return await formattedInfo(invocation, format, plugins);
  stdout.print(
    `Client: Gantry\n Version:    ${product.version}\n Context:    ${context}\n Debug Mode: false\n${pluginText(plugins)}\nServer:\n`,
  );
  for (const { path, problem } of plugins) if (problem) stderr.print(`WARNING: Plugin "${path}" is not valid: ${problem}\n`);
  const { server, failure } = await serverFacts(client, program);
  if (server === undefined) {
    stderr.print(`${failure}\n`);
    return 1;
  }
  stdout.print(serverInfo(server));
  const warnings = server["Warnings"];
  if (Array.isArray(warnings)) for (const warning of warnings) stderr.print(`${String(warning)}\n`);
  return 0;
}

type ServerFacts = { readonly server: InfoReply; readonly failure?: undefined } | { readonly server?: undefined; readonly failure: string };

async function serverFacts(client: DockerClient, program: string): Promise<ServerFacts> {
  try {
    return { server: await client.system.info() };
  } catch (error) {
    return { failure: describeError(error, program) };
  }
}

/** By a template. The daemon is asked only if the template shows something of it. */
async function formattedInfo(invocation: Invocation, format: string, plugins: readonly Plugin[]): Promise<number> {
  const { client, context, stdout, stderr, program } = invocation;
  const { needsServer, ObjectTemplate } = await import("./object-template.ts");
  const own = { ClientInfo: clientInfo(context, plugins) };
  const { server, failure } = needsServer(format, JSON.stringify(own)) ? await serverFacts(client, program) : { server: {} };
  const problems = failure === undefined ? [] : [failure];
  try {
    const shown = new ObjectTemplate(format, "system.dockerInfo").format(JSON.stringify({ ...server, ...own }));
    stdout.print(`${shown.text}\n`);
    if (shown.failure !== undefined) problems.push(shown.failure);
  } finally {
    stderr.print(problems.map((problem) => `${problem}\n`).join(""));
  }
  return problems.length === 0 ? 0 : 1;
}

function clientInfo(context: string, plugins: readonly Plugin[]): Readonly<Record<string, unknown>> {
  const Plugins = plugins.map(({ metadata, name, path, problem }) => ({
    ...metadata,
    Name: name,
    Path: path,
    ...(problem && { Err: problem }),
  }));
  return { ...clientFacts("", context), Debug: false, Plugins, Warnings: null };
}

function pluginText(plugins: readonly Plugin[]): string {
  const valid = plugins.filter(({ problem }) => problem === undefined);
  if (valid.length === 0) return "";
  const lines = valid.map(({ name, path, metadata }) => {
    const { ShortDescription = "", Vendor = "", Version = "" } = metadata;
    const version = Version === "" ? "" : `    Version:  ${Version}\n`;
    return `  ${name}: ${ShortDescription} (${Vendor})\n${version}    Path:     ${path}\n`;
  });
  return ` Plugins:\n${lines.join("")}`;
}
