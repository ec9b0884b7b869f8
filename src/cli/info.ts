import { product } from "#base";
import type { InfoReply } from "#client";
import { isBuiltin } from "./catalogue.ts";
import type { Command, Invocation } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { objectFormatFlag, outputFormat } from "./format-flag.ts";
import { serverInfo } from "./info-text.ts";
import { goJson } from "./json-text.ts";
import { listPlugins, type Plugin } from "./plugins/plugin.ts";

export const infoCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Display system-wide information",
  aliases: ["system info", "info"],
  args: { min: 0, max: 0 },
  flags: [objectFormatFlag],
  run: info,
};

async function info({ flags, client, config, context, stdout, stderr, program }: Invocation): Promise<number> {
  const format = outputFormat(flags.text("format"));
  const plugins = await listPlugins(config, isBuiltin);
  const facts = {
    Debug: false,
    Platform: { Name: "Gantry" },
    Version: product.version,
    Context: context,
    Plugins: plugins.map(({ metadata, name, path, problem }) => ({
      ...metadata,
      Name: name,
      Path: path,
      ...(problem && { Err: problem }),
    })),
    Warnings: null,
  };
  let server: InfoReply | undefined;
  let failure: string | undefined;
  try {
    server = await client.system.info();
  } catch (error) {
    failure = describeError(error, program);
  }
  if (format === "json") {
    stdout.print(`${goJson({ ...server, ...(failure !== undefined && { ServerErrors: [failure] }), ClientInfo: facts })}\n`);
    return failure === undefined ? 0 : 1;
  }
  stdout.print(
    `Client: Gantry\n Version:    ${product.version}\n Context:    ${context}\n Debug Mode: false\n${pluginText(plugins)}\nServer:\n`,
  );
  for (const { path, problem } of plugins) if (problem) stderr.print(`WARNING: Plugin "${path}" is not valid: ${problem}\n`);
  if (server === undefined) {
    stderr.print(`${failure ?? ""}\n`);
    return 1;
  }
  stdout.print(serverInfo(server));
  const warnings = server["Warnings"];
  if (Array.isArray(warnings)) for (const warning of warnings) stderr.print(`${String(warning)}\n`);
  return 0;
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
