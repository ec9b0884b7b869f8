import { describe, expect, test } from "bun:test";
import { chmod, chown, link, lutimes, mkdir, mkdtemp, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Canary } from "./support/canary.ts";
import { layerAttacks } from "./support/layer-attacks.ts";
import { unpackUnsafely } from "./support/unsafe-unpacker.ts";

interface Scene extends AsyncDisposable {
  readonly around: string;
  readonly root: string;
}

async function makeScene(): Promise<Scene> {
  const around = await mkdtemp(join(tmpdir(), "gantry-canary-"));
  const root = join(around, "tree");
  await mkdir(root);
  return {
    around,
    root,
    [Symbol.asyncDispose]: async () => {
      await rm(around, { recursive: true, force: true });
    },
  };
}

describe("Canary", () => {
  test("sings when nothing happened", async () => {
    await using scene = await makeScene();
    await using canary = await Canary.plant(join(scene.around, "canary"), { roots: [scene.root] });
    expect(canary.violations({ trees: [scene.root], texts: ["nothing"] })).toEqual([]);
  });

  const touches: readonly (readonly [string, (path: string) => Promise<void>])[] = [
    ["bytes", async (path) => await writeFile(join(path, "secret"), "other")],
    ["a mode", async (path) => await chmod(join(path, "secret"), 0o777)],
    ["an owner", async (path) => await chown(join(path, "secret"), 1000, 0)],
    ["a time", async (path) => await lutimes(join(path, "link"), 0, 0)],
    ["a new file", async (path) => await writeFile(join(path, "folder/new"), "")],
    ["a hard link", async (path) => await link(join(path, "secret"), join(path, "..", "stolen"))],
    ["a removal", async (path) => await unlink(join(path, "folder/inner"))],
    ["its own removal", async (path) => await rm(path, { recursive: true })],
  ];

  test.each(touches)("notices %s", async (_, touch) => {
    await using scene = await makeScene();
    await using canary = await Canary.plant(join(scene.around, "canary"));
    await touch(canary.path);
    expect(canary.violations()).not.toEqual([]);
  });

  test("notices its marker in trees and texts", async () => {
    await using scene = await makeScene();
    await using canary = await Canary.plant(join(scene.around, "canary"));
    const stolen = await readFile(join(canary.path, "secret"), "utf8");
    await mkdir(join(scene.root, "deep"));
    await writeFile(join(scene.root, "deep/copy"), stolen);
    expect(canary.violations({ trees: [scene.root] })).toEqual([`the marker is in ${join(scene.root, "deep/copy")}`]);
    expect(canary.violations({ texts: [`log: ${stolen}`] })).toHaveLength(1);
  });

  test("notices a root that was replaced, another machine, memory and time", async () => {
    await using scene = await makeScene();
    let machine = "mounts: 1";
    const limits = { memory: -1e12, patience: -1, roots: [scene.root], machine: () => machine };
    await using canary = await Canary.plant(join(scene.around, "canary"), limits);
    await rm(scene.root, { recursive: true });
    await writeFile(scene.root, "");
    machine = "mounts: 2";
    const found = canary.violations().join("\n");
    for (const part of [scene.root, "mounts: 2", "memory grew", "it took"]) expect(found).toContain(part);
  });
});

describe("an unsafe unpacker", () => {
  const titles = layerAttacks({ canary: "/nowhere", relative: "../canary" }).map(({ title, isHarmless = false }) => ({
    title,
    isHarmless,
  }));

  test.each(titles.filter(({ isHarmless }) => !isHarmless).map(({ title }) => title))("is caught by: %s", async (title) => {
    await using scene = await makeScene();
    await using canary = await Canary.plant(join(scene.around, "canary"), { roots: [scene.root] });
    const attacks = layerAttacks({ canary: canary.path, relative: "../canary" });
    unpackUnsafely(attacks.find((attack) => attack.title === title)?.bytes ?? new Uint8Array(0), scene.root);
    expect(canary.violations({ trees: [scene.root] })).not.toEqual([]);
  });
});
