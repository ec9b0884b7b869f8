// Sealed layers in a whole daemon, each way of mounting them forced: one mount a layer, whoever dies and whoever unmounts, and none left.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ArchiveMember } from "../support/archive.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { plantImage } from "../support/planted-image.ts";
import { sealedMethods } from "../support/sealed-methods.ts";
import { makeStorePlace } from "../support/store-place.ts";
import { mountPoints } from "../support/sweep.ts";

setDefaultTimeout(90_000);

const configOf = (driver: string, method: string): string =>
  JSON.stringify({ "storage-driver": driver, "storage-opts": [`sealed.mount=${method}`] });

describe.each([...sealedMethods])("sealed layers that are mounted by %s", (method) => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await startDaemon({ config: { "storage-driver": "sealed", "storage-opts": [`sealed.mount=${method}`] } });
    await loadImage(daemon.place.socket, "busybox");
  });
  afterAll(() => daemon[Symbol.asyncDispose](), 60_000);

  async function gantry(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await daemon.gantry(args);
    if (code !== 0) throw new Error(`${args.join(" ")}: ${code} ${stderr}`);
    return stdout.trim();
  }
  const run = (image: string, command: string): Promise<string> => gantry("run", "--rm", "--network=none", image, "sh", "-c", command);
  const layers = (): string[] => mountPoints("self").filter((path) => path.startsWith(`${daemon.place.execRoot}/l/`));
  const loops = (): string[] =>
    readdirSync("/sys/block")
      .map((name) => join("/sys/block", name, "loop/backing_file"))
      .filter((path) => existsSync(path) && readFileSync(path, "utf8").startsWith(daemon.place.dataRoot));
  const expectForm = (driver: string): Promise<void> =>
    gantry("info", "--format", "{{.Driver}} {{json .DriverStatus}}").then((text) => {
      expect(text.split(" ")[0]).toBe(driver);
      if (driver === "sealed") expect(text).toContain(`["layers are mounted by","${method}"]`);
    });

  test("are what `info` says, and are mounted once for all containers", async () => {
    await expectForm("sealed");
    expect(layers()).toEqual([]);
    await Promise.all(
      Array.from({ length: 6 }, (_, n) => gantry("run", "-d", "--name", `c${n}`, "--network=none", "busybox", "sleep", "1000")),
    );
    expect(layers()).toHaveLength(1);
    expect(loops()).toHaveLength(method === "loop" ? 2 : 0);
  });

  test("are found again by a daemon after one that was killed", async () => {
    const [line] = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .filter((text) => text.includes(`${daemon.place.execRoot}/l/`));
    await daemon.kill();
    await daemon.start();
    expect(await run("busybox", "cat /etc/hostname >/dev/null; echo $((6*7))")).toBe("42");
    expect(readFileSync("/proc/self/mountinfo", "utf8")).toContain(line ?? "no mount");
    expect(layers()).toHaveLength(1);
  });

  test("are mounted again when somebody has unmounted them, and their containers go on", async () => {
    for (const point of layers()) await daemon.run(["umount", "--lazy", point]);
    expect(await gantry("exec", "c0", "cat", "/etc/group")).toContain("root:x:0");
    expect(await run("busybox", "echo again")).toBe("again");
    for (const point of layers()) await daemon.run(["umount", "--lazy", point]);
    expect(await gantry("create", "--name", "read", "busybox")).not.toBe("");
    expect(await gantry("export", "read").then(({ length }) => length > 100_000)).toBe(true);
    await gantry("rm", "read");
  });

  test("stay mounted behind a daemon that ends only as long as containers use them", async () => {
    await daemon.terminate();
    expect(layers()).toHaveLength(1);
    await daemon.start();
    await gantry("rm", "-f", ...Array.from({ length: 6 }, (_, n) => `c${n}`));
    await daemon.terminate();
    expect([layers(), loops()]).toEqual([[], []]);
    await daemon.start();
  });

  test("hide, replace and keep what layers below have, as files of other layers do", async () => {
    const members: ArchiveMember[] = [
      { type: "directory", name: "d" },
      { name: "d/gone", content: "1" },
      { name: "d/kept", content: "kept", mode: 0o4751, uid: 5, gid: 6 },
      { type: "hardlink", name: "d/link", linkName: "d/kept" },
    ];
    await plantImage(daemon, "below", { members });
    await gantry("run", "--name", "changed", "--network=none", "below", "sh", "-c", "echo new > /d/new; touch /bin/x");
    await gantry("commit", "changed", "above");
    await gantry("rm", "changed");
    expect(await run("above", "cat /d/new /d/kept; stat -c '%a %u %g %h' /d/kept /d/link; ls /d")).toBe(
      ["new", "kept4751 5 6 2", "4751 5 6 2", "gone\nkept\nlink\nnew"].join("\n"),
    );
    expect(await gantry("system", "check")).toContain("0 flaws");
    const archives = readdirSync(join(daemon.place.dataRoot, "layers")).filter((name) => name !== "ingest");
    for (const layer of archives) {
      expect(readdirSync(join(daemon.place.dataRoot, "layers", layer)).toSorted()).toEqual(["index.erofs", "layer.json", "layer.tar"]);
    }
  });

  test("stay usable beside trees when the driver changes, and back", async () => {
    await daemon.configure(configOf("directory", method));
    await daemon.terminate();
    await daemon.start();
    await expectForm("directory");
    await plantImage(daemon, "tree", { members: [{ name: "t", content: "tree" }] });
    expect(await run("busybox", "echo sealed")).toBe("sealed");
    expect(await run("tree", "cat /t")).toBe("tree");
    await daemon.configure(configOf("sealed", method));
    await daemon.terminate();
    await daemon.start();
    await expectForm("sealed");
    expect(await run("tree", "cat /t")).toBe("tree");
  });

  test("run in 127 of them", async () => {
    // Above one of programs and one of nothing: each hides what the one below it has.
    const files = Array.from({ length: 126 }, (_, n): ArchiveMember[] => [{ name: `n/${n}`, content: `${n}` }, { name: `n/.wh.${n - 1}` }]);
    await plantImage(daemon, "many", { above: files });
    expect(await gantry("image", "inspect", "many", "--format", "{{len .RootFS.Layers}}")).toBe("128");
    expect(await run("many", "ls /n; cat /n/125")).toBe("125\n125");
    expect(layers().length).toBeGreaterThanOrEqual(128);
  });

  test("are taken out of the mount table with their images, and leave no loop device", async () => {
    await gantry("image", "prune", "--all", "--force");
    expect([layers(), loops()]).toEqual([[], []]);
    expect(readdirSync(join(daemon.place.dataRoot, "layers"))).toEqual(["ingest"]);
  });
});

test("where the machine cannot mount them a driver that is forced is refused, and the other one taken by itself", async () => {
  // A file on tmpfs cannot be mounted, only a loop device on it.
  await using place = await makeStorePlace("/dev/shm");
  expect(await place.openLayers({ driver: "sealed", method: "file" }).catch((error: unknown) => error)).toMatchObject({
    fault: "unsupported",
  });
  const found = await place.openLayers({ driver: "auto", method: "file" });
  expect([found.driver, found.driverStatus[0]?.[0]]).toEqual(["directory", "layers cannot be sealed"]);
});
