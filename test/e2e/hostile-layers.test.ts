// Layers that would fill a disk, replace the root or order overlayfs about, with each driver; and a layer of everything, as a process sees it.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { archive, type ArchiveMember, concatenated, sha256 } from "../support/archive.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { dockerArchive, imageParts } from "../support/image-parts.ts";
import { TreeViewer, withoutImpliedTimes } from "../support/image-tree.ts";
import { rootAttacks } from "../support/layer-attacks.ts";
import { oddArchive } from "../support/odd-image.ts";
import { loadArchive, plantImage } from "../support/planted-image.ts";
import { sealedMethods } from "../support/sealed-methods.ts";
import { waitFor } from "../support/wait-for.ts";

setDefaultTimeout(60_000);

const drivers = ["directory", ...sealedMethods] as const;
const flagsOf = (driver: (typeof drivers)[number]): string[] =>
  driver === "directory" ? ["--storage-driver=directory"] : ["--storage-driver=sealed", `--storage-opt=sealed.mount=${driver}`];

/** An image of one layer, packed, whose archive is these pieces. */
function packed(tar: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts = imageParts({ docker: true, layers: [], diffIds: [sha256(new Uint8Array(1))] });
  return dockerArchive({ ...parts, layers: [new Uint8Array(tar)] }, ["bomb:1"]);
}

const folder = (name: string): ArchiveMember => ({ type: "directory", name });

describe.each(drivers)("with %s", (driver) => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await startDaemon({ flags: flagsOf(driver) });
    const { stdout } = await daemon.gantry(["info", "-f", "{{.Driver}}"]);
    expect(stdout.trim()).toBe(driver === "directory" ? driver : "sealed");
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  /** What lies in the stores beside what is finished and named. */
  function stored(): readonly string[] {
    const { dataRoot } = daemon.place;
    const folders = ["content/sha256", "content/ingest", "content/spool", "layers", "layers/ingest"];
    return folders
      .flatMap((name) => readdirSync(join(dataRoot, name)).map((entry) => `${name}/${entry}`))
      .filter((name) => name !== "layers/ingest");
  }

  test("A10 folders as deep as the kernel has names for are taken and go again, deeper ones are refused", async () => {
    const before = stored();
    await plantImage(daemon, "deep", { members: [{ name: `${"d/".repeat(1_900)}f`, content: "x" }] });
    await daemon.gantry(["rmi", "deep"]);
    await waitFor(() => readdirSync(join(daemon.place.dataRoot, "trash")).length === 0, { what: "empty trash", deadline: 30_000 });
    const reply = await loadArchive(
      daemon,
      dockerArchive(imageParts({ docker: true, layers: [[{ name: `${"d/".repeat(4_096)}f` }]] }), ["x:1"]),
    );
    expect(reply).toContain("ENAMETOOLONG");
    expect(stored()).toEqual(before);
  });

  test("A10 a layer of nothing but names is refused, and the disk is what it was", async () => {
    const before = stored();
    const many = archive(Array.from({ length: 17_000 }, (_, number) => ({ name: `f${number}` })));
    expect(await loadArchive(daemon, packed(Bun.gzipSync(many)))).toMatch(/\d+ bytes become more than 16384 files/);
    expect(stored()).toEqual(before);
  });

  test("A10 a bomb whose reader goes away ends with it", async () => {
    const before = stored();
    const zeros = Bun.gzipSync(new Uint8Array(64 * 1024 * 1024));
    const header = archive([{ name: "zeros", content: "" }]).slice(0, 512);
    header.set(new TextEncoder().encode("37777777777"), 124);
    header.set(new TextEncoder().encode("        "), 148);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
    // Large enough to be no bomb for its size: 8 GiB, of which a few pieces are ever written.
    const members = Array.from({ length: 128 }, () => zeros);
    const stop = new AbortController();
    const headers = { "content-type": "application/x-tar" };
    const body = packed(concatenated([Bun.gzipSync(header), ...members]));
    const loading = daemon.request("/images/load", { method: "POST", body, headers, signal: stop.signal }).then((reply) => reply.text());
    const ended = loading.catch(() => "aborted");
    await waitFor(() => readdirSync(join(daemon.place.dataRoot, "layers/ingest")).length > 0, { what: "a layer that is unpacked" });
    stop.abort();
    await ended;
    await waitFor(() => stored().join() === before.join(), { what: "a disk as it was", deadline: 5_000 });
  });

  test("A23 nothing takes the root's place", async () => {
    const { pid } = daemon;
    for (const { title, members } of rootAttacks({ canary: "/etc", relative: "../../../etc" })) {
      const reply = await loadArchive(daemon, dockerArchive(imageParts({ docker: true, layers: [members] }), ["root:1"]));
      if (!reply.includes("Loaded image")) continue;
      await plantImage(daemon, "root", { members: [...members] });
      const { stdout } = await daemon.gantry(["run", "--rm", "--network=none", "root", "stat", "-c", "%F", "/", "/bin/busybox"]);
      expect({ title, stdout }).toEqual({ title, stdout: "directory\nregular file\n" });
    }
    expect(daemon.pid).toBe(pid);
  });

  test("A24 marks of overlayfs that an image writes itself hide and move nothing, and implied folders stay what they were", async () => {
    const marks = new Map<string, string>([
      ["trusted.overlay.opaque", "y"],
      ["user.overlay.opaque", "y"],
      ["trusted.overlay.redirect", "/bin"],
    ]);
    await plantImage(daemon, "marks", {
      members: [{ ...folder("tmp"), mode: 0o1777 }, folder("d"), { name: "d/kept", content: "kept" }, { name: "gone", content: "not" }],
      above: [
        [
          { ...folder("d"), xattrs: marks },
          { type: "char", name: "gone", major: 0, minor: 0 },
          { name: "tmp/x", content: "x" },
        ],
        [{ name: "d/new", content: "new", xattrs: new Map([["trusted.overlay.metacopy", ""]]) }],
      ],
    });
    const { stdout } = await daemon.gantry([
      "run",
      "--rm",
      "--network=none",
      "marks",
      "sh",
      "-c",
      "cat /d/kept /d/new /gone; ls /d; stat -c %a /tmp",
    ]);
    expect(stdout).toBe("keptnewnotkept\nnew\n1777\n");
  });

  test.each(["implied", "explicit"])("a tree of layers whose folders are %s above is the one that Docker shows", async (form) => {
    const viewer = new TreeViewer(daemon.place.socket);
    expect(await viewer.load(await oddArchive({ implied: form === "implied" }))).toContain("Loaded image: odd:1");
    const recorded = readFileSync(join(import.meta.dir, `../fixtures/image-tree/${form}.txt`), "utf8");
    const seen = await viewer.list("odd:1");
    expect(withoutImpliedTimes(seen).split("\n")).toEqual(withoutImpliedTimes(recorded).split("\n"));
    expect(seen).toContain("odd/plain -rw-r----- 1000:1001 0:0 2001-09-09 01:46:40.123456789 +0000");
    expect(seen.split("\n").filter((line) => line.includes("becomes-file/inside") || line.includes("opaque/lower"))).toEqual([]);
    await viewer.removeImage("odd:1");
  });
});
