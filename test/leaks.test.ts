import { closeSync, mkdirSync, openSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { succeed } from "./support/command.ts";
import { openEnclosure, type Enclosure } from "./support/enclosure.ts";
import { leaksSince, takeInventory, type Inventory } from "./support/leaks.ts";
import { waitFor } from "./support/wait-for.ts";
import { makePlace, removePlace, type TestPlace } from "./support/test-place.ts";

let enclosure: Enclosure;
let place: TestPlace;
let before: Inventory;
const scope = (): { place: TestPlace; enclosure: Enclosure } => ({ place, enclosure });
const inside = (...command: readonly string[]): Promise<string> => succeed([...enclosure.prefix, ...command]);
const leaks = (): Promise<string[]> => leaksSince(before, scope(), 0);

beforeAll(async () => {
  enclosure = await openEnclosure();
  place = makePlace();
  before = await takeInventory(scope());
});

afterAll(async () => {
  removePlace(place);
  await enclosure[Symbol.asyncDispose]();
});

test("leaksSince() finds nothing where nothing is left", async () => {
  expect(await leaks()).toEqual([]);
});

test("leaksSince() names a veth", async () => {
  await inside("ip", "link", "add", "stray0", "type", "veth", "peer", "name", "stray1");
  expect(await leaks()).toEqual(["link stray0", "link stray1"]);
  await inside("ip", "link", "delete", "stray0");
});

test("leaksSince() names a bridge", async () => {
  await inside("ip", "link", "add", "stray2", "type", "bridge");
  expect(await leaks()).toEqual(["link stray2"]);
  await inside("ip", "link", "delete", "stray2");
});

test("leaksSince() names a mount", async () => {
  const point = join(place.home, "mnt");
  mkdirSync(point);
  await inside("mount", "-t", "tmpfs", "tmpfs", point);
  expect(await leaks()).toEqual([`mount tmpfs at ${point}`]);
  await inside("umount", point);
  rmdirSync(point);
});

test("leaksSince() names a namespace that a process holds, and the process", async () => {
  const holder = Bun.spawn(["unshare", "--net", "sleep", "infinity"], { env: { ...process.env, STRAY: place.token } });
  const own = `${holder.pid} sleep infinity`;
  // The test itself holds the descriptor that watches its child.
  const ofHolder = async (): Promise<string[]> => (await leaks()).filter((line) => !line.startsWith("descriptor"));
  const found = await waitFor(async () => ((await ofHolder()).length === 2 ? ofHolder() : undefined), {
    what: "process in a namespace",
    deadline: 3_000,
  });
  holder.kill("SIGKILL");
  await holder.exited;
  expect(found.map((line) => line.replace(/net:\[\d+\]/, "net:[N]"))).toEqual([
    `namespace net:[N] held by process ${own}`,
    `process ${own}`,
  ]);
});

test("leaksSince() names a namespace that a mount holds", async () => {
  const point = join(place.home, "netns");
  writeFileSync(point, "");
  await inside("unshare", `--net=${point}`, "true");
  const found = await leaks();
  await inside("umount", point);
  expect(found.map((line) => line.replace(/net:\[\d+\]/, "net:[N]"))).toEqual([
    `mount nsfs at ${point}`,
    `namespace net:[N] mounted at ${point}`,
  ]);
});

test("leaksSince() names a cgroup", async () => {
  const found: string[] = [];
  const parent = await firstHierarchy();
  mkdirSync(join(parent, place.token));
  found.push(...(await leaks()));
  rmdirSync(join(parent, place.token));
  expect(found).toEqual([`cgroup ${join(parent, place.token)}`]);
});

test("leaksSince() names an nft table, set and element", async () => {
  await inside("nft", "add table inet stray; add set inet stray ports { type inet_service; }; add element inet stray ports { 8080 }");
  expect(await leaks()).toEqual(["nft element inet stray ports 8080", "nft set inet stray ports", "nft table inet stray"]);
  await inside("nft", "delete table inet stray");
});

test("leaksSince() names a descriptor", async () => {
  const path = join(place.home, "kept-open");
  const fd = openSync(path, "w");
  const found = await leaks();
  closeSync(fd);
  expect(found).toEqual([`descriptor of ${process.pid}: ${path}`]);
});

test("leaksSince() names a folder", async () => {
  const folder = join(place.dataRoot, "containers/stray");
  mkdirSync(folder, { recursive: true });
  expect(await leaks()).toEqual([`file ${folder}`]);
  rmdirSync(folder);
});

/** Where cgroups can be made on this machine, v2 or v1. */
async function firstHierarchy(): Promise<string> {
  const mounted = await succeed(["findmnt", "--noheadings", "--output", "TARGET", "--types", "cgroup2,cgroup"]);
  const [first] = mounted.replaceAll(/[^\S\n]|[├└─│]/g, "").split("\n");
  if (first === undefined || first === "") throw new Error("no cgroup hierarchy is mounted");
  return first;
}
