import { formatSize } from "#base";
import { TarDecoder } from "#image";
import type { DockerClient, PathStatReply } from "#client";
import type { Command, Invocation } from "../command.ts";
import { bool } from "../flag.ts";
import { isTerminal } from "../terminal.ts";
import { type CopyEnd, planCopy, splitArgument, splitPath } from "./copy-paths.ts";
import { localArchive } from "./local-archive.ts";
import { LocalExtractor } from "./local-extractor.ts";
import { absolutePath, checkOutput, lookAtDestination, lookAtSource } from "./local-path.ts";
import { renameEntries } from "./rename-entries.ts";

export const cpCommand: Command = {
  synopsis: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\t{program} cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
  summary: `Copy files/folders between a container and the local filesystem

Use '-' as the source to read a tar archive from stdin
and extract it to a directory destination in a container.
Use '-' as the destination to stream a tar archive of a
container source to stdout.`,
  aliases: ["container cp", "cp"],
  args: { min: 2, max: 2 },
  flags: [
    bool("archive", "Archive mode (copy all uid/gid information)", { short: "a" }),
    bool("follow-link", "Always follow symbol link in SRC_PATH", { short: "L" }),
    bool("quiet", "Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached", {
      short: "q",
    }),
  ],
  run: copy,
};

/** One end in a container. */
interface Place {
  readonly container: string;
  readonly path: string;
}

async function copy(invocation: Invocation): Promise<number> {
  const [source = "", destination = ""] = invocation.args;
  if (source === "") throw new Error("source can not be empty");
  if (destination === "") throw new Error("destination can not be empty");
  const from = splitArgument(source);
  const to = splitArgument(destination);
  if (from.container === "" && to.container === "") throw new Error("must specify at least one container source");
  if (to.container === "") await copyOut(invocation, from, to.path);
  else if (from.container === "") await copyIn(invocation, from.path, to);
  else await copyAcross(invocation, from, to);
  return 0;
}

async function copyOut(invocation: Invocation, asked: Place, path: string): Promise<void> {
  const { client, stdout } = invocation;
  const target = path === "-" ? path : absolutePath(path);
  if (target !== "-") checkOutput(target);
  const { place, name } = await followed(invocation, asked);
  const { stat, archive } = await client.containers.readPath(place.container, place.path);
  if (target === "-") {
    for await (const bytes of archive) await stdout.write(bytes);
    return;
  }
  const source = { path: place.path, exists: true, isFolder: isFolder(stat) };
  const plan = planCopy(name === undefined ? source : { ...source, name }, lookAtDestination(target));
  const rename = name === undefined ? undefined : { from: splitPath(place.path).base, to: name };
  using extractor = new LocalExtractor(plan);
  const decoder = new TarDecoder(extractor);
  for await (const bytes of renameEntries(archive, rename)) decoder.push(bytes);
  decoder.finish();
  extractor.finish();
  tell(invocation, extractor.size, path);
}

async function copyIn(invocation: Invocation, path: string, to: Place): Promise<void> {
  const destination = await destinationIn(invocation.client, to);
  if (path === "-") {
    if (!destination.isFolder) throw new Error(`destination "${to.container}:${to.path}" must be a directory`);
    await send(invocation, { container: to.container, path: destination.path }, Bun.stdin.stream());
    return;
  }
  const source = lookAtSource(absolutePath(path), invocation.flags.bool("follow-link"));
  const { folder, rename } = planCopy(source, destination);
  const name = rename?.to ?? source.name ?? splitPath(source.path).base;
  const counted = counting(localArchive(source.path, name));
  await send(invocation, { container: to.container, path: folder }, counted.bytes);
  tell(invocation, counted.size(), `${to.container}:${to.path}`);
}

/** Docker has no such copy: an archive goes from one container straight into the other, and nothing of it lies here. */
async function copyAcross(invocation: Invocation, asked: Place, to: Place): Promise<void> {
  const destination = await destinationIn(invocation.client, to);
  const { place, name } = await followed(invocation, asked);
  const { stat, archive } = await invocation.client.containers.readPath(place.container, place.path);
  const own = splitPath(place.path).base;
  const { folder, rename } = planCopy({ path: place.path, exists: true, isFolder: isFolder(stat) }, destination);
  const become = rename?.to ?? name;
  const counted = counting(renameEntries(archive, become === undefined ? undefined : { from: own, to: become }));
  await send(invocation, { container: to.container, path: folder }, counted.bytes);
  tell(invocation, counted.size(), `${to.container}:${to.path}`);
}

/** With -L the file that a link leads to, called as the link is. */
async function followed({ client, flags }: Invocation, place: Place): Promise<{ readonly place: Place; readonly name?: string }> {
  if (!flags.bool("follow-link")) return { place };
  const stat = await statOf(client, place);
  if (stat === undefined || stat.linkTarget === "") return { place };
  const { base } = splitPath(place.path);
  return { place: { ...place, path: stat.linkTarget }, ...(splitPath(stat.linkTarget).base !== base && { name: base }) };
}

/** What is not there may still be made: whether its directory is there, the daemon says. */
async function destinationIn(client: DockerClient, to: Place): Promise<CopyEnd> {
  let place = to;
  let stat = await statOf(client, place);
  if (stat !== undefined && stat.linkTarget !== "") {
    place = { ...to, path: stat.linkTarget };
    stat = await statOf(client, place);
  }
  if (stat !== undefined && !isFolder(stat) && !isRegular(stat))
    throw new Error(`destination "${to.container}:${to.path}" must be a directory or a regular file: got ${kindOf(stat)}`);
  return { path: place.path, exists: stat !== undefined, isFolder: stat !== undefined && isFolder(stat) };
}

async function statOf(client: DockerClient, { container, path }: Place): Promise<PathStatReply | undefined> {
  try {
    return await client.containers.statPath(container, path);
  } catch {
    return undefined; // the copy itself says what is wrong
  }
}

async function send({ client, flags }: Invocation, { container, path }: Place, archive: AsyncIterable<Uint8Array>): Promise<void> {
  await client.containers.writePath(container, path.replace(/(.)\/$/, "$1"), archive, { keepKinds: true, asUser: flags.bool("archive") });
}

function tell({ flags, stderr }: Invocation, size: number, where: string): void {
  if (!flags.bool("quiet") && isTerminal(2)) stderr.print(`Successfully copied ${formatSize(size)} to ${where}\n`);
}

function counting(bytes: AsyncIterable<Uint8Array>): { readonly bytes: AsyncIterable<Uint8Array>; readonly size: () => number } {
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      size += piece.length;
      yield piece;
    }
  }
  return { bytes: counted(), size: () => size };
}

/** Go's os.FileMode has the type in its upper bits. */
function isFolder({ mode }: PathStatReply): boolean {
  return mode >= 2 ** 31;
}

function isRegular({ mode }: PathStatReply): boolean {
  return (mode & 0x8f28_0000) === 0;
}

function kindOf({ mode }: PathStatReply): string {
  return (mode & 0x0400_0000) === 0 ? "an irregular file" : "a device";
}
