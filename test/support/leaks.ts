// What an engine may leave behind in the kernel, as a list of sentences: taken before the daemon starts, and again at the end.
// Mounts, links, nft objects are those of an enclosure, the rest is known by the token of the test's place; so nothing that runs
// beside the test can be mistaken for a leak, and nothing of the test's own can hide.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { succeed } from "./command.ts";
import type { Enclosure } from "./enclosure.ts";
import { linkTarget, markedProcesses } from "./processes.ts";
import { markedCgroups } from "./sweep.ts";
import type { TestPlace } from "./test-place.ts";

interface LeakScope {
  readonly place: TestPlace;
  readonly enclosure: Enclosure;
  /** Processes whose open descriptors count; the test's own always do. */
  readonly pids?: readonly number[];
}

/** Each thing that exists, with how many times it does. */
export type Inventory = ReadonlyMap<string, number>;

export async function takeInventory(scope: LeakScope): Promise<Inventory> {
  const things = [
    ...mounts(scope),
    ...loops(scope.place),
    ...links(scope.enclosure.pid),
    ...(await nftObjects(scope.enclosure)),
    ...markedCgroups(scope.place.token).map((path) => `cgroup ${path}`),
    ...processes(scope),
    ...[process.pid, ...(scope.pids ?? [])].flatMap(descriptors),
    ...folders(scope.place),
  ];
  const counts = new Map<string, number>();
  for (const thing of things) counts.set(thing, (counts.get(thing) ?? 0) + 1);
  return counts;
}

/** What is there now and was not at `before`. Looks again until nothing is left or the deadline (milliseconds) has passed. */
export async function leaksSince(before: Inventory, scope: LeakScope, deadline = 5_000): Promise<string[]> {
  const end = performance.now() + deadline;
  for (;;) {
    const leaks = [...(await takeInventory(scope))].filter(([thing, count]) => count > (before.get(thing) ?? 0)).map(([thing]) => thing);
    if (leaks.length === 0 || performance.now() > end) return leaks.toSorted();
    await Bun.sleep(50);
  }
}

/** A layer's mount stays with the layer, once; all others count. */
function mounts({ enclosure, place }: LeakScope): string[] {
  const layers = new Set<string>();
  return readFileSync(`/proc/${enclosure.pid}/mountinfo`, "utf8")
    .trimEnd()
    .split("\n")
    .flatMap((line) => {
      const [, , , root = "", point = ""] = line.split(" ");
      const type = line.split(" - ")[1]?.split(" ")[0] ?? "";
      if (!layers.has(point) && isLayer(point, place)) {
        layers.add(point);
        return [];
      }
      return [`mount ${type} at ${point}`, ...(type === "nsfs" ? [`namespace ${root} mounted at ${point}`] : [])];
    });
}

function isLayer(point: string, { dataRoot, execRoot }: TestPlace): boolean {
  const [folder, name] = [dirname(point), basename(point)];
  return folder === join(execRoot, "l") && existsSync(join(dataRoot, "layers", name, "index.erofs"));
}

/** Loop devices on files of layers that are gone. */
function loops({ dataRoot }: TestPlace): string[] {
  return readdirSync("/sys/block")
    .map((name) => join("/sys/block", name, "loop/backing_file"))
    .flatMap((path) => textOf(path) ?? [])
    .filter((file) => file.startsWith(`${dataRoot}/`) && !existsSync(file))
    .map((file) => `loop device on ${file}`);
}

/** Undefined for a device that has none, or none any more. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

function links(pid: number): string[] {
  return readFileSync(`/proc/${pid}/net/dev`, "utf8")
    .trimEnd()
    .split("\n")
    .slice(2)
    .map((line) => `link ${line.split(":")[0]?.trim()}`);
}

interface NftObject {
  readonly family?: string;
  readonly table?: string;
  readonly name?: string;
  readonly handle?: number;
  readonly elem?: readonly unknown[];
}

async function nftObjects(enclosure: Enclosure): Promise<string[]> {
  const listed = await succeed([...enclosure.prefix, "nft", "--json", "list", "ruleset"]);
  const { nftables } = JSON.parse(listed) as { readonly nftables: readonly Readonly<Record<string, NftObject>>[] };
  return nftables.flatMap((entry) =>
    Object.entries(entry)
      .filter(([kind]) => kind !== "metainfo")
      .flatMap(([kind, { family, table, name, handle, elem = [] }]) => [
        `nft ${kind} ${[family, table, name ?? handle].filter((part) => part !== undefined).join(" ")}`,
        ...elem.map((element) => `nft element ${family} ${table} ${name} ${JSON.stringify(element)}`),
      ]),
  );
}

function processes({ place, enclosure }: LeakScope): string[] {
  const home = linkTarget("/proc/self/ns/net");
  const known = linkTarget(`/proc/${enclosure.pid}/ns/net`);
  return markedProcesses(place.token).flatMap(({ pid, command, netNamespace, zombie }) => {
    const held = [netNamespace, ...netNamespacesOpenIn(pid)].filter((name) => name !== "" && name !== home && name !== known);
    return [
      `process ${pid} ${command}${zombie ? " (zombie)" : ""}`,
      ...[...new Set(held)].map((name) => `namespace ${name} held by process ${pid} ${command}`),
    ];
  });
}

function netNamespacesOpenIn(pid: number): string[] {
  return descriptorTargets(pid).filter((target) => target.startsWith("net:["));
}

/** What the open descriptors of a process are; one that closes meanwhile is left out. */
export function descriptorTargets(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((fd) => linkTarget(join(folder, fd)))
    .filter((target) => target !== "");
}

/** Sockets, pipes and timers are counted by kind, since their numbers say nothing. */
function descriptors(pid: number): string[] {
  const scratch = /^\/proc\//;
  return descriptorTargets(pid)
    .filter((target) => !scratch.test(target))
    .map((target) => `descriptor of ${pid}: ${target.replace(/^(socket|pipe):.*/, "$1").replace(/ \(deleted\)$/, "")}`);
}

function folders(place: TestPlace): string[] {
  const inside = ["containers", "trash", "content/ingest"].map((name) => join(place.dataRoot, name));
  const around = ["/tmp", "/var/tmp", "/run"].flatMap((folder) => entries(folder).filter((path) => path.includes(place.token)));
  return [...around, ...inside.flatMap(entries)].map((path) => `file ${path}`);
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}
