// I12: on a full disk what writes fails and says why, what reads and removes works, and all goes on as before once there is room.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { create, inspect, list, removeForced, startNew } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { type Enclosure, openEnclosure } from "../support/enclosure.ts";
import { archive } from "../support/archive.ts";
import { dockerArchive, imageParts, type ImageParts } from "../support/image-parts.ts";
import { loadImage } from "../support/images.ts";
import { loadArchive } from "../support/planted-image.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { SmallDisk } from "../support/small-disk.ts";
import { makePlace } from "../support/test-place.ts";
import { waitFor } from "../support/wait-for.ts";

const full = /no space left on device/;
const reserve = 16 * 1024 * 1024;

/** Bytes that no compression makes small. */
const noise = (megabytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(megabytes * 65_536)).slice();
const large = (megabytes: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat(Array.from({ length: megabytes * 16 }, () => noise(1))).buffer);
const imageOf = (megabytes: number): ImageParts => imageParts({ gzip: true, layers: [[{ name: "large", content: large(megabytes) }]] });

let enclosure: Enclosure;
let disk: SmallDisk;
let daemon: TestDaemon;
let registry: TestRegistry;
let watcher: string;

beforeAll(async () => {
  enclosure = await openEnclosure();
  const place = makePlace();
  disk = await SmallDisk.open(enclosure, place, { megabytes: 160, inodes: 3000 });
  daemon = await startDaemon({ enclosure, place });
  registry = await startRegistry({ prefix: enclosure.prefix });
  await loadImage(place.socket, "busybox");
  await loadImage(place.socket, "hello-world");
  watcher = await startNew(daemon, { Cmd: ["sh", "-c", "while true; do echo line; sleep 0.02; done"] }, "watcher");
}, 60_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await enclosure[Symbol.asyncDispose]();
});

async function post(path: string, init: RequestInit = {}): Promise<{ readonly status: number; readonly text: string }> {
  const reply = await daemon.request(path, { method: "POST", ...init });
  return { status: reply.status, text: await reply.text() };
}

/** Everything that needs room; gives each with what it said. */
async function writes(parts: ImageParts): Promise<Readonly<Record<string, string>>> {
  const tar = { body: archive([{ name: "large", content: large(4) }]), headers: { "content-type": "application/x-tar" } };
  return {
    pull: (await post(`/images/create?fromImage=${registry.host}/large&tag=v1`)).text,
    load: await loadArchive(daemon, dockerArchive(parts, ["loaded:latest"])),
    import: (await post("/images/create?fromSrc=-&repo=imported", tar)).text,
    commit: (await post("/commit?container=written&repo=committed")).text,
  };
}

async function push(parts: ImageParts): Promise<void> {
  for (const bytes of [...parts.layers, parts.config]) await pushInside("blob", bytes);
  await pushInside("manifest", parts.manifest);
}

/** The registry listens where only programs in the enclosure reach it. */
async function pushInside(kind: "blob" | "manifest", bytes: Uint8Array): Promise<void> {
  const path = join(daemon.place.home, "pushed");
  await Bun.write(path, bytes);
  const program = join(import.meta.dir, "../support/push-file.ts");
  const { code, stderr } = await daemon.run([process.execPath, program, registry.host, "large", kind, path]);
  if (code !== 0) throw new Error(stderr);
}

const images = async (): Promise<readonly string[]> =>
  ((await (await daemon.request("/images/json")).json()) as readonly { readonly RepoTags: readonly string[] | null }[])
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .toSorted();

async function checked(): Promise<string> {
  return (await daemon.gantry(["system", "check"])).stdout;
}

const isWhole = expect.stringMatching(/^\d+ blobs and \d+ layers read, 0 flaws\n$/);

describe("a full disk", () => {
  const parts = imageOf(6);

  beforeAll(async () => {
    await push(parts);
    await startNew(daemon, { Cmd: ["sh", "-c", "head -c 6000000 /dev/urandom >/written"] }, "written");
    for (const name of ["gone-1", "gone-2", "gone-3"]) await create(daemon, {}, name);
    await waitFor(async () => !(await inspect(daemon, "written")).State.Running, { what: "end of the writer" });
  }, 60_000);

  test("fails what needs room and says why, at each point where it can fill up; nothing is torn or left", async () => {
    const before = await images();
    const { Pid } = (await inspect(daemon, watcher)).State;
    for (const left of [0, 100_000, 1_000_000, 3_500_000]) {
      disk.fill(left);
      for (const [what, said] of Object.entries(await writes(parts)))
        expect({ left, what, said }).toMatchObject({ said: expect.stringMatching(full) });
      disk.empty();
      expect({ left, images: await images(), check: await checked() }).toEqual({ left, images: before, check: isWhole });
    }
    disk.fill();
    expect(await loadArchive(daemon, dockerArchive(parts, ["loaded:latest"]))).toMatch(full);
    expect((await inspect(daemon, watcher)).State.Pid).toBe(Pid);
  }, 120_000);

  test("lets everything be looked at and removed at 0 bytes free, and a daemon start", async () => {
    disk.fill();
    expect(disk.free).toBe(0);
    expect(statSync(join(disk.root, "reserve")).size).toBeGreaterThan(reserve / 2);
    expect((await daemon.docker(["ps", "-a"])).stdout).toContain("watcher");
    expect((await daemon.docker(["inspect", "gone-1"])).code).toBe(0);
    expect((await daemon.docker(["logs", "--tail", "1", "watcher"])).stdout).toStartWith("l"); // the disk may have cut it
    expect((await daemon.docker(["rm", "gone-1"])).code).toBe(0);
    expect((await daemon.docker(["rmi", "hello-world"])).code).toBe(0);
    disk.fill();
    await daemon.kill();
    await daemon.start();
    expect(await images()).toEqual(["busybox:latest"]);
    expect((await daemon.docker(["ps", "-a", "--format", "{{.Names}}"])).stdout.split("\n").toSorted().filter(Boolean)).toEqual([
      "gone-2",
      "gone-3",
      "watcher",
      "written",
    ]);
    disk.fill();
    expect((await daemon.docker(["rm", "-f", "gone-2"])).code).toBe(0);
    expect((await daemon.docker(["container", "prune", "-f"])).stdout).toContain("Total reclaimed space");
    expect((await daemon.docker(["image", "prune", "-af"])).code).toBe(0);
    expect(await list(daemon, true)).toEqual([watcher]);
  }, 60_000);

  test("is forgotten when there is room: without a restart all works, and the reserve is whole again", async () => {
    disk.empty();
    for (const [what, said] of Object.entries({ ...(await writes(parts)), commit: "" }))
      expect({ what, said }).not.toMatchObject({ said: expect.stringMatching(/error/) });
    expect((await daemon.docker(["run", "--rm", "busybox", "echo", "ran"])).stdout).toBe("ran\n");
    await waitFor(() => statSync(join(disk.root, "reserve")).size === reserve, { what: "a whole reserve", deadline: 10_000 });
    expect(await checked()).toEqual(isWhole);
    expect((await inspect(daemon, watcher)).State.Running).toBe(true);
  }, 60_000);

  test("without inodes is as full", async () => {
    for (const name of ["last-1", "last-2"]) await create(daemon, {}, name);
    disk.fillInodes();
    const many = imageParts({ layers: [Array.from({ length: 400 }, (_, index) => ({ name: `f${index}`, content: "x" }))] });
    expect(await loadArchive(daemon, dockerArchive(many, ["many:latest"]))).toMatch(full);
    expect((await daemon.docker(["create", "busybox"])).stderr).toMatch(full);
    await removeForced(daemon, "last-1");
    expect((await daemon.docker(["rmi", "imported"])).code).toBe(0);
    expect((await daemon.docker(["container", "prune", "-f"])).code).toBe(0);
    disk.empty();
    expect(await loadArchive(daemon, dockerArchive(many, ["many:latest"]))).toContain("Loaded image");
    expect(await checked()).toEqual(isWhole);
  }, 60_000);
});
