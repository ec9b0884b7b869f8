// Files in and out of containers, over the API of a real daemon and with our command line: running, stopped and never started ones.
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { compressions, packed } from "../support/packed.ts";
import { archive, type ArchiveMember } from "../support/archive.ts";
import { Canary } from "../support/canary.ts";
import { call, create, inspect, removeForced, start, startNew, wait } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { raceForFiles } from "../support/file-race.ts";
import { loadImage } from "../support/images.ts";
import { descriptorTargets } from "../support/leaks.ts";
import { listTar } from "../support/tar-listing.ts";
import { waitFor } from "../support/wait-for.ts";

let daemon: TestDaemon;
let folder: string;

setDefaultTimeout(30_000);

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  folder = mkdtempSync(join(tmpdir(), "gantry-copies-"));
}, 60_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await daemon[Symbol.asyncDispose]();
}, 60_000);

const quiet = { NetworkMode: "none" };
const idle = { Cmd: ["sleep", "1000"], HostConfig: quiet };

async function put(id: string, query: string, body: Uint8Array): Promise<readonly [number, string]> {
  const reply = await daemon.request(`/containers/${id}/archive?${query}`, { method: "PUT", body });
  const text = await reply.text();
  return [reply.status, text === "" ? "" : (JSON.parse(text) as { readonly message: string }).message];
}

const putFiles = (id: string, path: string, members: readonly ArchiveMember[]) => put(id, `path=${path}`, archive(members));

async function get(id: string, path: string): Promise<Readonly<Record<string, string>> | readonly [number, string]> {
  const reply = await daemon.request(`/containers/${id}/archive?path=${encodeURIComponent(path)}`, {
    headers: { "Accept-Encoding": "identity" },
  });
  if (!reply.ok) return [reply.status, ((await reply.json()) as { readonly message: string }).message];
  return Object.fromEntries(listTar(await reply.bytes()).map(({ entry, content }) => [entry.name, entry.linkName || content]));
}

const changesOf = async (id: string): Promise<unknown> => await (await call(daemon, `/containers/${id}/changes`)).json();

describe("a container", () => {
  test("gets and gives files before its start, while it runs, and after its end", async () => {
    const script = "cat /before; until [ -e /while ]; do sleep 0.02; done; cat /while; echo made >/made";
    const id = await create(daemon, { Cmd: ["sh", "-c", script], HostConfig: quiet });
    expect(await putFiles(id, "/", [{ name: "before", content: "before\n" }])).toEqual([200, ""]);
    expect(await get(id, "/before")).toEqual({ before: "before\n" });
    await start(daemon, id);
    expect(await putFiles(id, "/", [{ name: "while", content: "while\n" }])).toEqual([200, ""]);
    expect(await wait(daemon, id)).toBe(0);
    expect(await get(id, "/made")).toEqual({ made: "made\n" });
    expect(await changesOf(id)).toEqual([
      { Path: "/before", Kind: 1 },
      { Path: "/made", Kind: 1 },
      { Path: "/while", Kind: 1 },
    ]);
    await removeForced(daemon, id);
  });

  test("is measured anew behind what was written into it while it did not run", async () => {
    const id = await create(daemon, idle);
    const size = async (): Promise<number> =>
      ((await (await call(daemon, `/containers/${id}/json?size=1`)).json()) as { readonly SizeRw: number }).SizeRw;
    const before = await size();
    await putFiles(id, "/", [{ name: "large", content: new Uint8Array(100_000).fill(1) }]);
    expect((await size()) - before).toBeGreaterThan(90_000);
    await removeForced(daemon, id);
  });

  test("shows its binds, and what lies behind links of the image (B05)", async () => {
    mkdirSync(join(folder, "bound"));
    writeFileSync(join(folder, "bound/f"), "host");
    const Binds = [`${folder}/bound:/var/run/x`, `${folder}/bound:/shut:ro`];
    const id = await create(daemon, { Cmd: ["sleep", "1000"], HostConfig: { ...quiet, Binds } });
    await putFiles(id, "/", [{ name: "link", type: "symlink", linkName: "/var/run" }]);
    for (const name of ["created", "running"]) {
      if (name === "running") await start(daemon, id);
      expect(await get(id, "/link/x/f")).toEqual({ f: "host" });
      expect(await putFiles(id, "/var/run/x", [{ name, content: name }])).toEqual([200, ""]);
      expect(readFileSync(join(folder, "bound", name), "utf8")).toBe(name);
      expect(await putFiles(id, "/shut", [{ name, content: name }])).toEqual([400, "mounted volume is marked read-only"]);
    }
    // Exported is what is the container's own.
    const exported = listTar(await (await call(daemon, `/containers/${id}/export`)).bytes());
    expect(exported.filter(({ entry }) => entry.name.includes("run/x/")).map(({ entry }) => entry.name)).toEqual(["var/run/x/"]);
    await removeForced(daemon, id);
  });

  test("with a read-only root takes nothing, running or not", async () => {
    const id = await create(daemon, { Cmd: ["sleep", "1000"], HostConfig: { ...quiet, ReadonlyRootfs: true } });
    expect(await putFiles(id, "/tmp", [{ name: "f", content: "" }])).toEqual([400, "container rootfs is marked read-only"]);
    await start(daemon, id);
    expect(await putFiles(id, "/tmp", [{ name: "f", content: "" }])).toEqual([400, "container rootfs is marked read-only"]);
    await removeForced(daemon, id);
  });

  test("gives everything to its user with copyUIDGID", async () => {
    const id = await create(daemon, { Cmd: ["stat", "-c", "%u:%g", "/tmp/f", "/tmp/g"], User: "1000:1001", HostConfig: quiet } as never);
    const members = (name: string): Uint8Array => archive([{ name, content: "", uid: 5, gid: 6 }]);
    expect(await put(id, "path=/tmp&copyUIDGID=1", members("f"))).toEqual([200, ""]);
    expect(await put(id, "path=/tmp", members("g"))).toEqual([200, ""]);
    await start(daemon, id);
    await wait(daemon, id);
    const listed = listTar(
      await (await call(daemon, `/containers/${id}/archive?path=/tmp`, { headers: { "Accept-Encoding": "" } })).bytes(),
    );
    expect(listed.map(({ entry }) => `${entry.name} ${entry.uid}:${entry.gid}`)).toEqual(["tmp/ 0:0", "tmp/f 1000:1001", "tmp/g 5:6"]);
    await removeForced(daemon, id);
  });

  test("tells nothing of what only the kernel says", async () => {
    const id = await startNew(daemon, idle);
    const root = (await get(id, "/")) as Readonly<Record<string, string>>;
    expect(Object.keys(root).filter((name) => /^\/(?:proc|sys)\//.test(name))).toEqual(["/proc/", "/sys/"]);
    expect(await get(id, "/proc/1/environ")).toEqual([404, `Could not find the file /proc/1/environ in container ${id}`]);
    expect(await get(id, "/proc/1/root/etc/passwd")).toEqual([500, "lstat /proc/1/root/etc/passwd: too many levels of symbolic links"]);
    expect((await putFiles(id, "/proc/sys/kernel", [{ name: "core_pattern", content: "x" }]))[0]).toBeGreaterThanOrEqual(400);
    await removeForced(daemon, id);
  });
});

describe("GET archive", () => {
  test("is packed where the client takes that", async () => {
    const id = await create(daemon, idle);
    await putFiles(id, "/tmp", [{ name: "f", content: "packed" }]);
    for (const [coding, open] of [
      ["gzip", gunzipSync],
      ["deflate", inflateRawSync],
    ] as const) {
      const reply = await fetch(`http://docker/containers/${id}/archive?path=/tmp/f`, {
        unix: daemon.place.socket,
        headers: { "Accept-Encoding": coding },
        decompress: false,
      });
      expect(reply.headers.get("content-encoding")).toBe(coding);
      expect(listTar(open(await reply.bytes())).map(({ content }) => content)).toEqual(["packed"]);
    }
    await removeForced(daemon, id);
  });

  test("that nobody reads to its end leaves no descriptor behind, and the next is answered", async () => {
    const id = await create(daemon, idle);
    await putFiles(id, "/tmp", [{ name: "f", content: new Uint8Array(3_000_000) }]);
    const held = (): readonly string[] => descriptorTargets(daemon.pid).filter((path) => /^\/(?:tmp(?:\/f)?)?$/.test(path));
    for (let round = 0; round < 10; round += 1) {
      const reply = await daemon.request(`/containers/${id}/archive?path=/tmp`);
      await reply.body?.cancel();
    }
    await waitFor(() => held().length === 0, { what: "all descriptors closed" });
    expect(Object.keys(await get(id, "/tmp"))).toEqual(["tmp/", "tmp/f"]);
    await removeForced(daemon, id);
  });
});

describe("attacks", () => {
  test("by renames under a copy in both directions never reach the host (B01, B03)", async () => {
    await using canary = await Canary.plant(join(folder, "canary"), { patience: 60_000 });
    const { texts, rounds } = await raceForFiles(daemon, canary, { rounds: 300 });
    expect(rounds).toBe(300);
    // Both sides of the race were met.
    expect([texts.some((text) => text.includes("Could not find")), texts.some((text) => text.includes("overwritten"))]).toEqual([
      true,
      true,
    ]);
    expect(canary.violations({ texts })).toEqual([]);
  });

  test("by programs and libraries of the container: none is run or mapped (B02, A12)", async () => {
    const trap = "#!/bin/sh\necho caught >>/caught\n";
    const names = ["xz", "unxz", "gzip", "unpigz", "zstd", "bzip2", "tar", "ps", "sh", "getent", "chroot"];
    const traps = ["usr/bin", "usr/local/bin", "usr/sbin"].flatMap((at) =>
      names.map((name) => ({ name: `${at}/${name}`, mode: 0o755, content: trap })),
    );
    const libraries = ["lib/libnss_files.so.2", "lib/libnss_dns.so.2", "etc/ld.so.preload", "usr/lib/gconv/UTF-16.so"].map((name) => ({
      name,
      content: "x",
    }));
    const id = await startNew(daemon, idle);
    expect(await putFiles(id, "/", [...traps, ...libraries])).toEqual([200, ""]);
    const plain = archive([{ name: "f", content: "f" }]);
    for (const compression of compressions)
      expect([compression, await put(id, "path=/tmp", packed(compression, plain))]).toEqual([compression, [200, ""]]);
    await get(id, "/usr");
    await (await call(daemon, `/containers/${id}/export`)).bytes();
    await changesOf(id);
    expect(await get(id, "/caught")).toEqual([404, `Could not find the file /caught in container ${id}`]);
    expect(readFileSync(`/proc/${daemon.pid}/maps`, "utf8")).not.toMatch(/libnss_files|gconv|\/containers\//);
    await removeForced(daemon, id);
  });
});

describe("gantry cp", () => {
  test("copies in, out, across, from stdin and to stdout", async () => {
    const [one, two] = [await startNew(daemon, idle, "cp-one"), await create(daemon, idle, "cp-two")];
    writeFileSync(join(folder, "local"), "local");
    const steps: readonly (readonly string[])[] = [
      ["cp", join(folder, "local"), "cp-one:/tmp/in"],
      ["cp", "cp-one:/tmp/in", "cp-two:/tmp/across"],
      ["cp", "cp-two:/tmp", "cp-one:/root/whole"],
      ["cp", "cp-one:/root/whole/across", join(folder, "back")],
      ["cp", "cp-one:/root", folder],
    ];
    for (const args of steps) expect(await daemon.gantry(args)).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(readFileSync(join(folder, "back"), "utf8")).toBe("local");
    expect(readFileSync(join(folder, "root/whole/across"), "utf8")).toBe("local");
    expect(lstatSync(join(folder, "root/whole")).isDirectory()).toBe(true);
    const { stdout } = await daemon.gantry(["diff", "cp-two"]);
    expect(stdout).toBe("C /tmp\nA /tmp/across\n");
    const exported = join(folder, "all.tar");
    expect(await daemon.gantry(["export", "-o", exported, "cp-two"])).toMatchObject({ code: 0, stdout: "" });
    expect(listTar(readFileSync(exported)).find(({ entry }) => entry.name === "tmp/across")?.content).toBe("local");
    for (const id of [one, two]) await removeForced(daemon, id);
  });

  test("goes on after a kill -9 of the daemon in the middle of a write", async () => {
    const id = await create(daemon, idle);
    const writing = put(id, "path=/tmp", archive([{ name: "f", content: new Uint8Array(30_000_000) }])).catch(() => undefined);
    await daemon.kill();
    await writing;
    await daemon.start();
    expect(await putFiles(id, "/tmp", [{ name: "g", content: "after" }])).toEqual([200, ""]);
    await start(daemon, id);
    expect(await get(id, "/tmp/g")).toEqual({ g: "after" });
    expect((await inspect(daemon, id)).State.Running).toBe(true);
    await removeForced(daemon, id);
  });
});
