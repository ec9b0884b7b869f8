// skopeo reads what we save, and we load what it writes, in both layouts; ids stay what they are wherever nothing was compressed anew.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enterForky } from "../../scripts/peers/forky.ts";
import { succeed } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { TreeViewer } from "../support/image-tree.ts";
import { oddArchive } from "../support/odd-image.ts";

const folder = mkdtempSync(join(tmpdir(), "gantry-archives-"));
let daemon: TestDaemon;
let engine: TreeViewer;
let tree: string;

beforeAll(async () => {
  daemon = await startDaemon();
  engine = new TreeViewer(daemon.place.socket);
  const archive = await oddArchive({ implied: true });
  await Bun.write(join(folder, "odd.tar"), archive);
  expect(await engine.load(archive)).toContain("Loaded image: odd:1");
  tree = await engine.list("odd:1");
  await Bun.write(join(folder, "ours.tar"), await engine.save("odd:1"));
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function skopeo(from: string, to: string): Promise<void> {
  const copy = ["skopeo", "--insecure-policy", "copy", "--quiet", from, to];
  await succeed(["unshare", "--mount", "--propagation", "private", ...enterForky([folder]), ...copy]);
}

async function loaded(file: string, name: string): Promise<string> {
  expect(await engine.load(new Uint8Array(await Bun.file(join(folder, file)).arrayBuffer()))).toContain(`Loaded image: ${name}`);
  expect(await engine.list(name)).toBe(tree);
  return (await engine.inspect(name)).Id;
}

test("skopeo copies archives of ours and of Docker's layout, and the tree stays the same", async () => {
  const own = (await engine.inspect("odd:1")).Id;
  const at = (name: string): string => join(folder, name);
  await skopeo(`docker-archive:${at("ours.tar")}`, `docker-archive:${at("docker.tar")}:odd:2`);
  expect(await loaded("docker.tar", "odd:2")).toBe(own);
  await skopeo(`docker-archive:${at("odd.tar")}`, `oci-archive:${at("packed.tar")}:odd:3`);
  const packed = await loaded("packed.tar", "odd:3");
  await skopeo(`oci-archive:${at("ours.tar")}`, `oci-archive:${at("ours-packed.tar")}:odd:4`);
  expect(await loaded("ours-packed.tar", "odd:4")).toBe(packed);
  // What is compressed already comes back byte for byte.
  await Bun.write(at("again.tar"), await engine.save("odd:3"));
  await skopeo(`oci-archive:${at("again.tar")}`, `oci-archive:${at("again-packed.tar")}:odd:5`);
  expect(await loaded("again-packed.tar", "odd:5")).toBe(packed);
}, 240_000);
