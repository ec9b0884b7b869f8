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

const typesOfDocker = ["config", "network", "node", "plugin", "secret", "service", "task", "volume"];

function inspectAny(invocation: Invocation): Promise<number> {
  const { flags, client } = invocation;
  const type = flags.text("type");
  if (type === "" && flags.changed("type")) throw new ExitError(1, 'type is empty: must be one of "container", "image"');
  if (typesOfDocker.includes(type)) throw new ExitError(1, `gantry does not have inspect --type ${type} yet`);
  if (!["", "container", "image"].includes(type)) throw new ExitError(1, `unknown type: "${type}"`);
  const container = (name: string): Promise<string> => client.containers.inspectText(name, { size: flags.bool("size") });
  const image = (name: string): Promise<string> => client.images.inspectText(name);
  const absent = (name: string): Promise<string> => Promise.reject(new Error(`Error: No such ${type === "" ? "object" : type}: ${name}`));
  const lookups = [...(type === "image" ? [] : [container]), ...(type === "container" ? [] : [image]), absent];
  return inspectEach(invocation, (name) => firstFound(lookups, name));
}

async function firstFound(lookups: readonly ((name: string) => Promise<string>)[], name: string): Promise<string> {
  const [lookup, ...others] = lookups;
  if (lookup === undefined) throw new Error(`Error: No such object: ${name}`);
  try {
    return await lookup(name);
  } catch (error) {
    if (others.length > 0 && error instanceof DaemonError && error.status === 404) return await firstFound(others, name);
    throw error;
  }
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
