// Attacks on files in and out of a container that does not run, and what is mounted into it.
import type { TreeAccess } from "#container";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArchiveMember } from "../support/archive.ts";
import { Canary } from "../support/canary.ts";
import { FilesPlace, gather, refusal } from "../support/files-place.ts";

setDefaultTimeout(30_000);

let place: FilesPlace;

beforeAll(async () => {
  place = await FilesPlace.make();
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

describe("attacks", () => {
  const outside = (canary: string): readonly (readonly [string, readonly ArchiveMember[]])[] => [
    ["name-with-dots", [{ name: "../../../../../../../..".concat(canary, "/secret"), content: "x" }]],
    ["absolute-name", [{ name: `${canary}/secret`, content: "x" }]],
    [
      "symlink-then-file",
      [
        { name: "l", type: "symlink", linkName: canary },
        { name: "l/secret", content: "x" },
      ],
    ],
    [
      "symlink-to-root-then-deep",
      [
        { name: "l", type: "symlink", linkName: "/" },
        { name: `l${canary}/secret`, content: "x" },
      ],
    ],
    [
      "link-chain-up",
      [
        { name: "a/b/up", type: "symlink", linkName: "../.." },
        { name: "a/e", type: "symlink", linkName: "b/up/../../../../../.." },
        { name: `a/e${canary}/secret`, content: "x" },
      ],
    ],
    [
      "hardlink-to-host",
      [
        { name: "h", type: "hardlink", linkName: `${canary}/secret` },
        { name: "h", content: "x" },
      ],
    ],
    [
      "hardlink-through-link",
      [
        { name: "s", type: "symlink", linkName: `${canary}/secret` },
        { name: "h", type: "hardlink", linkName: "s", mode: 0o777 },
        { name: "h", mode: 0o777, content: "x" },
      ],
    ],
    [
      "folder-over-link",
      [
        { name: "s", type: "symlink", linkName: canary },
        { name: "s", type: "directory", mode: 0o777 },
        { name: "s/secret", content: "x" },
      ],
    ],
    [
      "device-over-link",
      [
        { name: "s", type: "symlink", linkName: `${canary}/secret` },
        { name: "s", type: "char", major: 1, minor: 3, mode: 0o777 },
      ],
    ],
    [
      "magic-link",
      [
        { name: "m", type: "symlink", linkName: "/proc/self/root" },
        { name: `m${canary}/secret`, content: "x" },
      ],
    ],
    [
      "overlay-marks",
      [
        {
          name: "d",
          type: "directory",
          xattrs: new Map([
            ["trusted.overlay.opaque", "y"],
            ["trusted.overlay.redirect", "/"],
          ]),
        },
      ],
    ],
  ];

  test("by archives leave what lies outside alone (B06, A01, A02)", async () => {
    await using canary = await Canary.plant(join(place.around, "canary"));
    for (const [name, members] of outside(canary.path)) {
      const { tree } = await place.container({ "t/x": "", "t/d/kept": "kept" });
      await refusal(place.put(tree, "/t", members));
      expect({ name, found: canary.violations() }).toEqual({ name, found: [] });
      if (name === "overlay-marks") expect((await place.get(tree, "/t/d"))["d/kept"]).toBe("kept");
    }
  });

  test("by links in the tree: they are copied as links, and never read through (B06)", async () => {
    await using canary = await Canary.plant(join(place.around, "canary"));
    const { tree, layers: found } = await place.container({
      "t/f": { link: `${canary.path}/secret` },
      "t/d": { link: canary.path },
      "t/up": { link: "../../../../../../../../../.." },
      "t/proc": { link: "/proc/self/root" },
    });
    const seen: string[] = [];
    for (const path of [
      "/t",
      "/t/f",
      "/t/d",
      "/t/up",
      "/t/f/",
      "/t/d/.",
      "/t/d/secret",
      `/t/up${canary.path}/secret`,
      `/t/proc${canary.path}/secret`,
    ]) {
      seen.push(JSON.stringify(await place.get(tree, path).catch((error: unknown) => String(error))));
    }
    seen.push(Buffer.from(await gather(place.files.export(found))).toString("latin1"));
    expect(canary.violations({ texts: seen })).toEqual([]);
    expect(await place.get(tree, "/t/f")).toEqual({ f: `${canary.path}/secret` });
  });
});

describe("mounts", () => {
  test("are seen and written through, also behind a link of the image, and read-only ones are not written (B05)", async () => {
    const { tree } = await place.container({ "run/x": { folder: {} }, "var/run": { link: "/run" }, "etc/f": "image" });
    const source = join(place.around, "source");
    await mkdir(join(source, "inner"), { recursive: true });
    await writeFile(join(source, "inner/f"), "host");
    await writeFile(join(place.around, "one"), "one file");
    const mounts = [
      { source, target: "/var/run/x", readOnly: false },
      { source, target: "/made/for/it", readOnly: true },
      { source: join(place.around, "one"), target: "/etc/f", readOnly: false },
    ];
    const shown = { ...tree, mounts } as TreeAccess;
    expect(await place.get(shown, "/run/x/inner")).toEqual({ "inner/": "", "inner/f": "host" });
    expect(await place.get(shown, "/etc/f")).toEqual({ f: "one file" });
    await place.put(shown, "/var/run/x", [{ name: "inner/g", content: "written" }]);
    expect(readFileSync(join(source, "inner/g"), "utf8")).toBe("written");
    expect(await refusal(place.put(shown, "/made/for/it", [{ name: "h", content: "" }]))).toEqual([
      "invalid",
      "mounted volume is marked read-only",
    ]);
    expect(await refusal(place.put(shown, "/var/run", [{ name: "x", content: "" }]))).toEqual([
      "conflict",
      '"x" is a mount point and cannot be replaced',
    ]);
    expect(readFileSync(join(source, "inner/f"), "utf8")).toBe("host");
    expect(await place.get(tree, "/etc/f")).toEqual({ f: "image" });
    expect(place.mounts()).not.toContain(place.around);
  });
});
