import { closeSync, mkdirSync, openSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { succeed } from "./support/command.ts";
import { openEnclosure, type Enclosure } from "./support/enclosure.ts";
import { leaksSince, takeInventory, type Inventory } from "./support/leaks.ts";
import { makePlace, removePlace, type TestPlace } from "./support/test-place.ts";

let enclosure: Enclosure;
let place: TestPlace;
let before: Inventory;
const scope = (): { place: TestPlace; enclosure: Enclosure } => ({ place, enclosure });
const inside = (...command: readonly string[]): Promise<string> => succeed([...enclosure.prefix, ...command]);
const anonymous = (line: string): string => line.replace(/net:\[\d+\]/, "net:[N]");

/** Looks again while the kernel settles: a new process enters its namespace, a pipe of the test's own closes. */
async function expectLeaks(expected: readonly string[], counts: (line: string) => boolean = () => true): Promise<void> {
  const look = async (): Promise<string[]> => (await leaksSince(before, scope(), 0)).filter(counts).map(anonymous);
  const end = performance.now() + 3_000;
  let found = await look();
  while (!Bun.deepEquals(found, expected) && performance.now() < end) found = await look();
  expect(found).toEqual([...expected]);
}

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
  await expectLeaks([]);
});

test("leaksSince() names a veth", async () => {
  await inside("ip", "link", "add", "stray0", "type", "veth", "peer", "name", "stray1");
  await expectLeaks(["link stray0", "link stray1"]);
  await inside("ip", "link", "delete", "stray0");
});

test("leaksSince() names a bridge", async () => {
  await inside("ip", "link", "add", "stray2", "type", "bridge");
  await expectLeaks(["link stray2"]);
  await inside("ip", "link", "delete", "stray2");
});

test("leaksSince() names a mount", async () => {
  const point = join(place.home, "mnt");
  mkdirSync(point);
  await inside("mount", "-t", "tmpfs", "tmpfs", point);
  await expectLeaks([`mount tmpfs at ${point}`]);
  await inside("umount", point);
  rmdirSync(point);
});

test("leaksSince() names a namespace that a process holds, and the process", async () => {
  await using holder = Bun.spawn(["unshare", "--net", "sleep", "infinity"], {
    env: { ...process.env, STRAY: place.token },
    stdio: ["ignore", "ignore", "ignore"],
  });
  const own = `${holder.pid} sleep infinity`;
  // The test itself holds the descriptor that watches its child.
  await expectLeaks([`namespace net:[N] held by process ${own}`, `process ${own}`], (line) => !line.startsWith("descriptor"));
});

test("leaksSince() lets a layer be mounted once, and names a second mount and that of a layer that is gone", async () => {
  const [point, folder] = [join(place.execRoot, "l/a"), join(place.dataRoot, "layers/a")];
  mkdirSync(point, { recursive: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.erofs"), "");
  await inside("mount", "-t", "tmpfs", "tmpfs", point);
  await expectLeaks([], (line) => line.startsWith("mount"));
  await inside("mount", "-t", "tmpfs", "tmpfs", point);
  await expectLeaks([`mount tmpfs at ${point}`], (line) => line.startsWith("mount"));
  await inside("umount", point);
  rmSync(folder, { recursive: true });
  await expectLeaks([`mount tmpfs at ${point}`], (line) => line.startsWith("mount"));
  await inside("umount", point);
  rmSync(place.execRoot, { recursive: true });
});

test("leaksSince() names a loop device on a layer that is gone", async () => {
  const file = join(place.dataRoot, "layers/b/layer.tar");
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, new Uint8Array(4096));
  const device = (await succeed(["losetup", "--find", "--show", "--read-only", file])).trim();
  try {
    await expectLeaks([], (line) => line.startsWith("loop"));
    rmSync(file);
    await expectLeaks([`loop device on ${file} (deleted)`], (line) => line.startsWith("loop"));
  } finally {
    await succeed(["losetup", "--detach", device]);
  }
});

test("leaksSince() names a namespace that a mount holds", async () => {
  const point = join(place.home, "netns");
  writeFileSync(point, "");
  await inside("unshare", `--net=${point}`, "true");
  await expectLeaks([`mount nsfs at ${point}`, `namespace net:[N] mounted at ${point}`]);
  await inside("umount", point);
});

test("leaksSince() names a cgroup", async () => {
  const parent = await firstHierarchy();
  mkdirSync(join(parent, place.token));
  await expectLeaks([`cgroup ${join(parent, place.token)}`]);
  rmdirSync(join(parent, place.token));
});

test("leaksSince() names an nft table, set and element", async () => {
  await inside("nft", "add table inet stray; add set inet stray ports { type inet_service; }; add element inet stray ports { 8080 }");
  await expectLeaks(["nft element inet stray ports 8080", "nft set inet stray ports", "nft table inet stray"]);
  await inside("nft", "delete table inet stray");
});

test("leaksSince() names a descriptor", async () => {
  const path = join(place.home, "kept-open");
  const fd = openSync(path, "w");
  await expectLeaks([`descriptor of ${process.pid}: ${path}`]);
  closeSync(fd);
});

test("leaksSince() names a folder", async () => {
  const folder = join(place.dataRoot, "containers/stray");
  mkdirSync(folder, { recursive: true });
  await expectLeaks([`file ${folder}`]);
  rmdirSync(folder);
});

/** Where cgroups can be made on this machine, v2 or v1. */
async function firstHierarchy(): Promise<string> {
  const mounted = await succeed(["findmnt", "--noheadings", "--output", "TARGET", "--types", "cgroup2,cgroup"]);
  const [first] = mounted.replaceAll(/[^\S\n]|[├└─│]/g, "").split("\n");
  if (first === undefined || first === "") throw new Error("no cgroup hierarchy is mounted");
  return first;
}
