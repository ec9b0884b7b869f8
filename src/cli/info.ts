import { product } from "#base";
import type { InfoReply } from "#client";
import type { Command, Invocation } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { objectFormatFlag, outputFormat } from "./format-flag.ts";
import { serverInfo } from "./info-text.ts";
import { goJson } from "./json-text.ts";

export const infoCommand: Command = {
  synopsis: "[OPTIONS]",
  summary: "Display system-wide information",
  aliases: ["system info", "info"],
  args: { min: 0, max: 0 },
  flags: [objectFormatFlag],
  run: info,
};

async function info({ flags, client, context, stdout, stderr, program }: Invocation): Promise<number> {
  const format = outputFormat(flags.text("format"));
  const facts = { Debug: false, Platform: { Name: "Gantry" }, Version: product.version, Context: context, Plugins: [], Warnings: null };
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
  stdout.print(`Client: Gantry\n Version:    ${product.version}\n Context:    ${context}\n Debug Mode: false\n\nServer:\n`);
  if (server === undefined) {
    stderr.print(`${failure ?? ""}\n`);
    return 1;
  }
  stdout.print(serverInfo(server));
  const warnings = server["Warnings"];
  if (Array.isArray(warnings)) for (const warning of warnings) stderr.print(`${String(warning)}\n`);
  return 0;
}
