import { type Digest, isFault, newId } from "#base";
import type { RootfsStore } from "#container";
import { describe, expect, test } from "bun:test";
import { chown, link, lstat, mkdir, readdir, readFile, readlink, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tree } from "../support/folder-layers.ts";

/** A store over layers that a test writes. Disposing leaves nothing, mounted or on disk. */
export interface RootfsPlace extends AsyncDisposable {
  readonly store: RootfsStore;
  /** A store on the same folders, as the next daemon would open it. */
  reopen(): RootfsStore;
  addLayer(tree: Tree): Promise<Digest>;
}

const accounts: Tree = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nbob:x:1000:1001:Bob:/srv/bob:/bin/sh\n",
  "etc/group": "root:x:0:\nwheel:x:10:root,bob\nbob:x:1001:\nextra:x:2000:carol,bob\n",
};

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => "no failure",
    (error: unknown) => (isFault(error, "invalid") ? error.message : error),
  );
}

/** What model/container/rootfs-store.ts promises. */
export function rootfsStoreContract(name: string, makePlace: () => Promise<RootfsPlace>): void {
  describe(`${name} as a RootfsStore`, () => {
    test("mount() shows the layers merged, the highest first", async () => {
      await using place = await makePlace();
      const layers = [
        await place.addLayer({ "etc/name": "low", "bin/a": "a" }),
        await place.addLayer({ "etc/name": "high", "bin/b": "b" }),
      ];
      const id = newId();
      await place.store.create(id, { layers, ephemeral: false });
      await using rootfs = await place.store.mount(id, { layers, ephemeral: false });
      expect(await readFile(join(rootfs.path, "etc/name"), "utf8")).toBe("high");
      expect((await readdir(join(rootfs.path, "bin"))).toSorted()).toEqual(["a", "b"]);
    });

    test("mount() of an image without layers is a root too", async () => {
      await using place = await makePlace();
      const id = newId();
      await place.store.create(id, { layers: [], ephemeral: false });
      await using rootfs = await place.store.mount(id, { layers: [], ephemeral: false });
      expect((await readdir(rootfs.path)).toSorted()).toEqual([".dockerenv", "dev", "etc", "proc", "sys"]);
    });

    test("mount() with owners shows and takes them, and leaves the disk as without; show() does so for other files", async () => {
      await using place = await makePlace();
      const layers = [await place.addLayer({ "etc/name": "low", gone: "x" }), await place.addLayer({ "bin/b": "b" })];
      const id = newId();
      const ranges = [{ containerId: 0, hostId: 700_000, size: 65_536 }];
      const owners = { uids: ranges, gids: ranges };
      await place.store.create(id, { layers, ephemeral: false });
      await place.store.writeFile(id, "hosts", Buffer.from("here\n"), 0o644);
      const ownerOf = async (path: string): Promise<string> => await lstat(path).then(({ uid, gid }) => `${uid}:${gid}`);
      await using mapped = await place.store.mount(id, { layers, ephemeral: false, owners });
      const own = join(place.store.folder(id), "hosts");
      const [hosts = "", folder = ""] = await mapped.show([own, place.store.folder(id)]);
      const seen = ["", "etc/name", "bin/b"].map((path) => join(mapped.path, path));
      expect(await Promise.all([...seen, hosts, folder].map(ownerOf))).toEqual(Array.from({ length: 5 }, () => "700000:700000"));
      expect(await readFile(hosts, "utf8")).toBe("here\n");
      await chown(join(mapped.path, "etc/name"), 701_000, 700_007);
      await rm(join(mapped.path, "gone"));
      await mkdir(join(mapped.path, "made"));
      await chown(join(mapped.path, "made"), 700_000, 700_000);
      // Whom the mapping does not know, nothing can be given to.
      expect(await chown(join(mapped.path, "made"), 5, 5).catch(({ code }: { code: string }) => code)).toBe("EOVERFLOW");
      const { path } = mapped;
      await mapped[Symbol.asyncDispose]();
      expect([await readdir(path), await lstat(hosts).catch(({ code }: { code: string }) => code), await ownerOf(own)]).toEqual([
        [],
        "ENOENT",
        "0:0",
      ]);
      await using plain = await place.store.mount(id, { layers, ephemeral: false });
      expect(await Promise.all(["", "etc/name", "bin/b", "made"].map((name) => ownerOf(join(plain.path, name))))).toEqual([
        "0:0",
        "1000:7",
        "0:0",
        "0:0",
      ]);
      expect((await readdir(plain.path)).includes("gone")).toBe(false);
      expect(await plain.show([own])).toEqual([own]);
      await place.store.remove(id);
      expect(await lstat(join(path, "..")).catch(({ code }: { code: string }) => code)).toBe("ENOENT");
    });

    test("show() names a file system that cannot show other owners", async () => {
      await using place = await makePlace();
      const id = newId();
      const ranges = [{ containerId: 0, hostId: 700_000, size: 1 }];
      await place.store.create(id, { layers: [], ephemeral: true });
      await using mapped = await place.store.mount(id, { layers: [], ephemeral: true, owners: { uids: ranges, gids: ranges } });
      expect(await failure(mapped.show(["/proc"]))).toContain("/proc: its file system cannot show other owners");
    });

    test("usage() counts the blocks of what was written, holes and second names not, and nothing of the layers", async () => {
      await using place = await makePlace();
      const layers = [await place.addLayer({ "etc/big": "x".repeat(100_000) })];
      const id = newId();
      await place.store.create(id, { layers, ephemeral: false });
      const empty = await place.store.usage(id);
      await using rootfs = await place.store.mount(id, { layers, ephemeral: false });
      await mkdir(join(rootfs.path, "deep/er"), { recursive: true });
      await writeFile(join(rootfs.path, "deep/er/one"), "x".repeat(64 * 1024));
      await link(join(rootfs.path, "deep/er/one"), join(rootfs.path, "deep/two"));
      await symlink("/usr", join(rootfs.path, "deep/usr"));
      await truncate(join(rootfs.path, "deep/two"), 1 << 30);
      const folders = 2 * empty;
      const written = (await place.store.usage(id)) - empty;
      expect(written).toBeGreaterThanOrEqual(64 * 1024);
      expect(written).toBeLessThanOrEqual(64 * 1024 + folders + 16 * 1024);
      expect(await failure(place.store.usage(newId()))).toMatchObject({ fault: "not-found" });
    });

    test("mount() puts the engine's stubs over the image, as Docker's names and kinds", async () => {
      await using place = await makePlace();
      const layers = [await place.addLayer({ "etc/hosts": "1.2.3.4 image", "etc/kept": "yes" })];
      const id = newId();
      await place.store.create(id, { layers, ephemeral: false });
      await using rootfs = await place.store.mount(id, { layers, ephemeral: false });
      for (const file of ["etc/hosts", "etc/hostname", "etc/resolv.conf", "dev/console", ".dockerenv"]) {
        const found = await lstat(join(rootfs.path, file));
        expect({ file, regular: found.isFile(), size: found.size, mode: found.mode & 0o7777 }).toEqual({
          file,
          regular: true,
          size: 0,
          mode: 0o755,
        });
      }
      for (const folder of ["dev/pts", "dev/shm", "proc", "sys"]) expect((await lstat(join(rootfs.path, folder))).isDirectory()).toBe(true);
      expect(await readlink(join(rootfs.path, "etc/mtab"))).toBe("/proc/mounts");
      expect(await readFile(join(rootfs.path, "etc/kept"), "utf8")).toBe("yes");
    });

    test("mount() keeps the image's attributes of the folders around the stubs", async () => {
      await using place = await makePlace();
      const layers = [
        await place.addLayer({
          etc: { folder: { mode: 0o2751, uid: 7, gid: 8, mtime: 1_000_000_000 } },
          "etc/x": "x",
          proc: { folder: { mode: 0o555 } },
          sys: { folder: { mode: 0o500, gid: 9 } },
        }),
        await place.addLayer({
          "": { folder: { mode: 0o711, uid: 3, gid: 4 } },
          etc: { folder: { mode: 0o2751, uid: 7, gid: 8, mtime: 1_000_000_000 } },
        }),
      ];
      const id = newId();
      await place.store.create(id, { layers, ephemeral: false });
      await using rootfs = await place.store.mount(id, { layers, ephemeral: false });
      const seen = async (path: string) => {
        const { mode, uid, gid } = await stat(join(rootfs.path, path));
        return [(mode & 0o7777).toString(8), uid, gid];
      };
      expect(await Promise.all(["", "etc", "proc", "sys", "dev"].map(seen))).toEqual([
        ["711", 3, 4],
        ["2751", 7, 8],
        ["555", 0, 0],
        ["500", 0, 9],
        ["755", 0, 0],
      ]);
      expect((await stat(join(rootfs.path, "etc"))).mtimeMs).toBe(1_000_000_000_000);
    });

    for (const ephemeral of [false, true]) {
      test(`mount() after a crash shows what was written before (ephemeral: ${ephemeral})`, async () => {
        await using place = await makePlace();
        const layers = [await place.addLayer({ "etc/image": "image" })];
        const id = newId();
        await place.store.create(id, { layers, ephemeral });
        const lost = await place.store.mount(id, { layers, ephemeral });
        await writeFile(join(lost.path, "etc/image"), "changed");
        await rm(join(lost.path, "dev/shm"), { recursive: true });
        const store = place.reopen();
        await store.create(id, { layers, ephemeral });
        {
          await using rootfs = await store.mount(id, { layers, ephemeral });
          expect(await readFile(join(rootfs.path, "etc/image"), "utf8")).toBe("changed");
          expect(await readdir(join(rootfs.path, "dev"))).not.toContain("shm");
        }
        expect(await readdir(lost.path)).toEqual([]);
      });
    }

    test("mount() of two containers over one layer keeps their writes apart", async () => {
      await using place = await makePlace();
      const layers = [await place.addLayer({ "etc/name": "image" })];
      const ids = [newId(), newId()];
      await Promise.all(ids.map((id) => place.store.create(id, { layers, ephemeral: false })));
      const [one, other] = await Promise.all(ids.map((id) => place.store.mount(id, { layers, ephemeral: false })));
      if (one === undefined || other === undefined) throw new Error("two mounts");
      await writeFile(join(one.path, "etc/name"), "one");
      expect(await readFile(join(other.path, "etc/name"), "utf8")).toBe("image");
      await Promise.all([one, other].map((rootfs) => rootfs[Symbol.asyncDispose]()));
    });

    test("create() is idempotent, also many at once over a chain that is new", async () => {
      await using place = await makePlace();
      const layers = [await place.addLayer({ "etc/name": "image" })];
      const ids = [newId(), newId(), newId()].toSorted();
      await Promise.all([...ids, ...ids].map((id) => place.store.create(id, { layers, ephemeral: false })));
      expect((await place.store.list()).toSorted()).toEqual(ids);
    });

    test("remove() takes the folder away at once, also one that is mounted; again is no error", async () => {
      await using place = await makePlace();
      const layers = [await place.addLayer({ "etc/name": "image" })];
      const id = newId();
      await place.store.create(id, { layers, ephemeral: false });
      await place.store.mount(id, { layers, ephemeral: false });
      await place.store.remove(id);
      expect(await place.store.list()).toEqual([]);
      await place.store.remove(id);
    });

    test("folder() and writeFile() refuse names that are paths", async () => {
      await using place = await makePlace();
      const id = newId();
      await place.store.create(id, { layers: [], ephemeral: false });
      for (const bad of ["", ".", "..", "../x", "a/b", "/etc", "a\0b"]) {
        expect(() => place.store.folder(bad)).toThrow();
        expect(await failure(place.store.writeFile(id, bad, new Uint8Array(), 0o600))).toContain("is no file name");
      }
    });

    test("writeFile() replaces whole and sets the mode", async () => {
      await using place = await makePlace();
      const id = newId();
      await place.store.create(id, { layers: [], ephemeral: false });
      const before = await place.store.writeFile(id, "hosts", Buffer.from("old and long"), 0o600);
      const path = await place.store.writeFile(id, "hosts", Buffer.from("new"), 0o644);
      expect([path, path]).toEqual([before, join(place.store.folder(id), "hosts")]);
      expect([await readFile(path, "utf8"), (await stat(path)).mode & 0o7777]).toEqual(["new", 0o644]);
      expect((await readdir(place.store.folder(id))).filter((file) => file.includes("hosts"))).toEqual(["hosts"]);
    });

    test("lookupUser() finds users and groups of the root", async () => {
      await using place = await makePlace();
      const layers = [await place.addLayer(accounts)];
      const id = newId();
      await place.store.create(id, { layers, ephemeral: false });
      await using root = await place.store.mount(id, { layers, ephemeral: false });
      expect(await place.store.lookupUser(root, "bob", ["root"])).toEqual({
        uid: 1000,
        gid: 1001,
        additionalGids: [1001, 10, 2000, 0],
        home: "/srv/bob",
      });
      expect(await failure(place.store.lookupUser(root, "eve", []))).toBe("unable to find user eve: no matching entries in passwd file");
    });

    test("lookupUser() of a root without passwd takes numbers and knows no names", async () => {
      await using place = await makePlace();
      const id = newId();
      await place.store.create(id, { layers: [], ephemeral: false });
      await using root = await place.store.mount(id, { layers: [], ephemeral: false });
      expect(await place.store.lookupUser(root, "", [])).toEqual({ uid: 0, gid: 0, additionalGids: [0], home: "/" });
      expect(await place.store.lookupUser(root, "12:34", [])).toEqual({ uid: 12, gid: 34, additionalGids: [34], home: "/" });
      expect(await failure(place.store.lookupUser(root, "bob", []))).toBe("unable to find user bob: no matching entries in passwd file");
    });

    test("makeDirectory() makes what is missing for the owner and leaves what is there", async () => {
      await using place = await makePlace();
      const layers = [
        await place.addLayer({
          srv: { folder: { mode: 0o700, uid: 1 } },
          "run/x": "",
          "var/run": { link: "/run" },
          "var/up": { link: "../srv/deep/.." },
        }),
      ];
      const id = newId();
      await place.store.create(id, { layers, ephemeral: false });
      await using root = await place.store.mount(id, { layers, ephemeral: false });
      const owner = { uid: 5, gid: 6, additionalGids: [], home: "/" };
      for (const path of ["/srv/a/b", "/var/run/app", "/var/up/c", "/", "/../../out", "/proc/sys/kernel", "proc"]) {
        await place.store.makeDirectory(root, path, owner);
      }
      const seen = async (path: string) => {
        const { mode, uid, gid } = await stat(join(root.path, path));
        return [path, (mode & 0o7777).toString(8), uid, gid];
      };
      expect(await Promise.all(["srv", "srv/a/b", "run/app", "srv/deep", "srv/c", "out"].map(seen))).toEqual([
        ["srv", "700", 1, 0],
        ["srv/a/b", "755", 5, 6],
        ["run/app", "755", 5, 6],
        ["srv/deep", "755", 5, 6],
        ["srv/c", "755", 5, 6],
        ["out", "755", 5, 6],
      ]);
      expect(await readdir(join(root.path, "proc"))).toEqual([]);
    });

    test("makeDirectory() refuses a file, a loop of links and a process's open files (A14)", async () => {
      await using place = await makePlace();
      const layers = [
        await place.addLayer({
          file: "x",
          loop: { link: "loop" },
          fd: { link: "/proc/self/fd" },
          cwd: { link: "proc/1/cwd" },
          up: { link: "/proc/../proc/x/../self/fd" },
        }),
      ];
      const id = newId();
      await place.store.create(id, { layers, ephemeral: false });
      await using root = await place.store.mount(id, { layers, ephemeral: false });
      const owner = { uid: 0, gid: 0, additionalGids: [], home: "/" };
      expect(await failure(place.store.makeDirectory(root, "/file/below", owner))).toBe("Cannot mkdir: /file/below is not a directory");
      for (const path of [
        "/loop/x",
        "/proc/self/fd/8",
        "/proc/1/cwd",
        "/proc/thread-self/root",
        "/fd/9",
        "/cwd",
        "/up/7",
        "/proc/self/task/1/fd/3",
      ]) {
        expect(await failure(place.store.makeDirectory(root, path, owner))).toStartWith(`working directory ${path}: `);
      }
    });
  });
}
