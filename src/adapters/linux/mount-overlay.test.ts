import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detachMounts } from "./mount-calls.ts";
import { mountOverlay, mountOverlayByPage, type OverlayMount } from "./mount-overlay.ts";

interface Place extends Disposable {
  readonly root: string;
  readonly mount: OverlayMount;
}

/** `count` layers with a file each under long names, an upper and a target. */
function makePlace(count: number): Place {
  const root = mkdtempSync(join(tmpdir(), "gantry-overlay-"));
  const lowerdirs = Array.from({ length: count }, (_, n) => join(root, `${n}`.padStart(64, "0"), "tree"));
  for (const [n, folder] of lowerdirs.entries()) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${n}`), `${n}`);
    writeFileSync(join(folder, "name"), `${n}`);
  }
  const [upperdir, workdir, target] = [join(root, "upper"), join(root, "work"), join(root, "target")];
  for (const folder of [upperdir, workdir, target]) mkdirSync(folder);
  return {
    root,
    mount: { lowerdirs, upper: { upperdir, workdir }, target, volatile: false },
    [Symbol.dispose]: () => {
      detachMounts(target);
      rmSync(root, { recursive: true });
    },
  };
}

for (const [name, mountBy] of [
  ["mountOverlay()", mountOverlay],
  ["mountOverlayByPage()", mountOverlayByPage],
] as const) {
  describe(name, () => {
    test("mounts 127 layers of 64-digit names, the first on top, and writes to the upper", () => {
      using place = makePlace(127);
      mountBy(place.mount);
      expect(readdirSync(place.mount.target).length).toBe(128);
      expect(readFileSync(join(place.mount.target, "name"), "utf8")).toBe("0");
      writeFileSync(join(place.mount.target, "new"), "x");
      expect(readdirSync(place.mount.upper?.upperdir ?? "")).toEqual(["new"]);
    });

    test("mounts without an upper read-only", () => {
      using place = makePlace(2);
      const { lowerdirs, target } = place.mount;
      mountBy({ lowerdirs, target, volatile: false });
      expect(() => writeFileSync(join(target, "new"), "x")).toThrow("EROFS");
    });

    test("follows no redirect and no metacopy, and is volatile when asked", () => {
      using place = makePlace(2);
      mountBy({ ...place.mount, volatile: true });
      const line = readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .find((each) => each.includes(` ${place.mount.target} `));
      const options = line?.split(" ").at(-1)?.split(",") ?? [];
      // Later kernels print "fsync=volatile".
      expect(options.filter((option) => option.endsWith("volatile")).length).toBe(1);
      expect(options).toContain("redirect_dir=nofollow");
      expect(options.filter((option) => option === "metacopy=on" || option === "index=on")).toEqual([]);
    });

    test("names the layer or the place when it fails", () => {
      using place = makePlace(2);
      const missing = join(place.root, "missing");
      expect(() => mountBy({ ...place.mount, lowerdirs: [missing] })).toThrow(missing);
      expect(() => mountBy({ ...place.mount, target: missing })).toThrow(missing);
    });
  });
}

describe("mountOverlayByPage()", () => {
  test("refuses more layers than its page holds, which the kernel would cut silently", () => {
    using place = makePlace(260);
    expect(() => mountOverlayByPage(place.mount)).toThrow(/E2BIG/);
    mountOverlay(place.mount);
    expect(readdirSync(place.mount.target).length).toBe(261);
  });
});

describe("detachMounts()", () => {
  test("takes every mount from a place and says whether there was one", () => {
    using place = makePlace(1);
    mountOverlay(place.mount);
    mountOverlay({ ...place.mount, upper: undefined as never, lowerdirs: [join(place.root, "upper"), join(place.root, "work")] });
    expect([detachMounts(place.mount.target), detachMounts(place.mount.target)]).toEqual([true, false]);
    expect(readdirSync(place.mount.target)).toEqual([]);
    expect(detachMounts(join(place.root, "missing"))).toBe(false);
  });
});
