import { DaemonError } from "#client";
import type { Command, Invocation } from "./command.ts";
import { bool, text } from "./flag.ts";
import { objectFormatFlag } from "./format-flag.ts";
import { type Inspected, inspectEach } from "./inspect-each.ts";
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
  run: (invocation) => inspectEach(invocation, invocation.args, (name) => findContainer(invocation, name)),
};

export const imageInspectCommand: Command = {
  synopsis: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Display detailed information on one or more images",
  args: { min: 1 },
  missing: ["platform"],
  flags: [objectFormatFlag],
  run: (invocation) => inspectEach(invocation, invocation.args, (name) => findImage(invocation, name)),
};

const typesOfDocker = ["config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"];

function inspectAny(invocation: Invocation): Promise<number> {
  const { flags } = invocation;
  const type = flags.text("type");
  const choices = typesOfDocker.map((name) => `"${name}"`).join(", ");
  if (type === "" && flags.changed("type")) throw new ExitError(1, `type is empty: must be one of ${choices}`);
  if (type !== "" && !typesOfDocker.includes(type)) throw new ExitError(1, `unknown type: "${type}": must be one of ${choices}`);
  if (type === "container") return inspectEach(invocation, invocation.args, (name) => findContainer(invocation, name));
  if (type === "image") return inspectEach(invocation, invocation.args, (name) => findImage(invocation, name));
  if (type !== "") throw new ExitError(125, `gantry does not have inspect --type ${type} yet`);
  return inspectEach(invocation, invocation.args, async (name) => {
    try {
      return (await unlessAbsent(findContainer(invocation, name))) ?? (await findImage(invocation, name));
    } catch (error) {
      if (isAbsent(error)) throw new Error(`Error: No such object: ${name}`, { cause: error });
      throw error;
    }
  });
}

async function findContainer({ client, flags }: Invocation, name: string): Promise<Inspected> {
  return { json: await client.containers.inspectText(name, { size: flags.bool("size") }), type: "container.InspectResponse" };
}

async function findImage({ client }: Invocation, name: string): Promise<Inspected> {
  return { json: await client.images.inspectText(name), type: "image.InspectResponse" };
}

async function unlessAbsent(lookup: Promise<Inspected>): Promise<Inspected | undefined> {
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
