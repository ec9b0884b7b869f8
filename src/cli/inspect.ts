import { DaemonError } from "#client";
import type { Command, Invocation } from "./command.ts";
import { describeError } from "./describe-error.ts";
import { bool, text } from "./flag.ts";
import { objectFormatFlag, outputFormat } from "./format-flag.ts";
import { indentJson } from "./json-text.ts";
import { ExitError } from "./usage-error.ts";

const sizeFlag = bool("size", "Display total file sizes if the type is container", { short: "s" });

export const inspectCommand: Command = {
  synopsis: "[OPTIONS] NAME|ID [NAME|ID...]",
  summary: "Return low-level information on Docker objects",
  args: { min: 1 },
  flags: [objectFormatFlag, sizeFlag, text("type", "Only inspect objects of the given type")],
  run: inspectAny,
};

export const containerInspectCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Display detailed information on one or more containers",
  args: { min: 1 },
  flags: [objectFormatFlag, { ...sizeFlag, usage: "Display total file sizes" }],
  run: (invocation) =>
    inspectEach(invocation, (name) => invocation.client.containers.inspectText(name, { size: invocation.flags.bool("size") })),
};

export const imageInspectCommand: Command = {
  synopsis: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Display detailed information on one or more images",
  args: { min: 1 },
  missing: ["platform"],
  flags: [objectFormatFlag],
  run: (invocation) => inspectEach(invocation, (name) => invocation.client.images.inspectText(name)),
};

const typesOfDocker = ["config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"];

function inspectAny(invocation: Invocation): Promise<number> {
  const { flags, client } = invocation;
  const type = flags.text("type");
  const choices = typesOfDocker.map((name) => `"${name}"`).join(", ");
  if (type === "" && flags.changed("type")) throw new ExitError(1, `type is empty: must be one of ${choices}`);
  if (type !== "" && !typesOfDocker.includes(type)) throw new ExitError(1, `unknown type: "${type}": must be one of ${choices}`);
  const container = (name: string): Promise<string> => client.containers.inspectText(name, { size: flags.bool("size") });
  const image = (name: string): Promise<string> => client.images.inspectText(name);
  if (type === "container") return inspectEach(invocation, container);
  if (type === "image") return inspectEach(invocation, image);
  if (type !== "") throw new ExitError(125, `gantry does not have inspect --type ${type} yet`);
  return inspectEach(invocation, async (name) => {
    try {
      return (await unlessAbsent(container(name))) ?? (await image(name));
    } catch (error) {
      if (isAbsent(error)) throw new Error(`Error: No such object: ${name}`, { cause: error });
      throw error;
    }
  });
}

async function unlessAbsent(lookup: Promise<string>): Promise<string | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof DaemonError && error.status === 404;
}

/** Prints what was found as one array, then the errors. */
async function inspectEach(invocation: Invocation, find: (name: string) => Promise<string>): Promise<number> {
  const { flags, args, stdout, stderr, program } = invocation;
  const format = outputFormat(flags.text("format"));
  const found: string[] = [];
  const failures: string[] = [];
  for (const name of args) {
    try {
      found.push((await find(name)).trim());
    } catch (error) {
      failures.push(`${describeError(error, program)}\n`);
    }
  }
  const whole = `[${found.join(",")}]`;
  stdout.print(`${format === "json" ? whole : indentJson(whole)}\n`);
  stderr.print(failures.join(""));
  return failures.length === 0 ? 0 : 1;
}
