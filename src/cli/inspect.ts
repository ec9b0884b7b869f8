import { DaemonError } from "#client";
import type { Command, Invocation } from "./command.ts";
import { bool, text } from "./flag.ts";
import { objectFormatFlag } from "./format-flag.ts";
import { type Inspected, inspectEach } from "./inspect-each.ts";
import { findObject, guessed, type ObjectKind, objectKinds } from "./inspect-object.ts";
import { platformJson } from "./platform-flag.ts";
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
  flags: [
    objectFormatFlag,
    text(
      "platform",
      "Inspect a specific platform of the multi-platform image.\nIf the image or the server is not multi-platform capable, the command will error out if the platform does not match.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
    ),
  ],
  run: async (invocation) => {
    const platform = platformJson(invocation.flags.text("platform"));
    return await inspectEach(invocation, invocation.args, (name) => findImage(invocation, name, platform));
  },
};

export const networkInspectCommand: Command = {
  synopsis: "[OPTIONS] NETWORK [NETWORK...]",
  summary: "Display detailed information on one or more networks",
  args: { min: 1 },
  // Verbose adds the tasks of a swarm, of which this machine has none.
  flags: [objectFormatFlag, bool("verbose", "Verbose output for diagnostics", { short: "v" })],
  run: (invocation) =>
    inspectEach(invocation, invocation.args, async (name) => {
      if (name === "") throw new Error("invalid network name or ID: value is empty");
      return await findObject(invocation.client, "network", name);
    }),
};

async function inspectAny(invocation: Invocation): Promise<number> {
  const { flags, args } = invocation;
  const type = flags.text("type");
  const choices = objectKinds.map((name) => `"${name}"`).join(", ");
  if (type === "" && flags.changed("type")) throw new ExitError(1, `type is empty: must be one of ${choices}`);
  if (type === "") return await inspectEach(invocation, args, (name) => findAny(invocation, name));
  const kind = objectKinds.find((name) => name === type);
  if (kind === undefined) throw new ExitError(1, `unknown type: "${type}": must be one of ${choices}`);
  return await inspectEach(invocation, args, (name) => findSized(invocation, kind, name));
}

/** The first object of that name, whatever it is. What a daemon does not have at all is passed over too. */
async function findAny(invocation: Invocation, name: string): Promise<Inspected> {
  let failure: unknown;
  for (const kind of guessed) {
    try {
      return await findSized(invocation, kind, name);
    } catch (error) {
      if (!(error instanceof DaemonError) || (error.status !== 404 && error.status !== 501)) throw error;
      failure = error;
    }
  }
  throw new Error(`Error: No such object: ${name}`, { cause: failure });
}

async function findSized(invocation: Invocation, kind: ObjectKind, name: string): Promise<Inspected> {
  const size = invocation.flags.bool("size");
  const found = kind === "container" ? await findContainer(invocation, name) : await findObject(invocation.client, kind, name);
  if (size && kind !== "container") invocation.stderr.print(`WARNING: --size ignored for ${kind}\n`);
  return found;
}

async function findImage({ client }: Invocation, name: string, platform: string | undefined): Promise<Inspected> {
  if (platform === undefined) return await findObject(client, "image", name);
  return { json: await client.images.inspectText(name, { platform }), type: "image.InspectResponse" };
}

async function findContainer({ client, flags }: Invocation, name: string): Promise<Inspected> {
  return { json: await client.containers.inspectText(name, { size: flags.bool("size") }), type: "container.InspectResponse" };
}
