// What an image may try, through the real daemon: at load and pull, at create and start, by its files and by its configuration.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { archive, type ArchiveMember, sha256 } from "../support/archive.ts";
import { Canary } from "../support/canary.ts";
import { list } from "../support/container-calls.ts";
import type { Output } from "../support/command.ts";
import { type TestDaemon } from "../support/daemon.ts";
import { dockerArchive, imageParts, type ImageParts, json } from "../support/image-parts.ts";
import { layerAttacks } from "../support/layer-attacks.ts";
import { loadArchive, plantImage } from "../support/planted-image.ts";
import { type SettledDaemon, startSettledDaemon } from "../support/settled-daemon.ts";
import { startEnclosedRegistry } from "../support/starter-registry.ts";

setDefaultTimeout(60_000);

const held = new AsyncDisposableStack();
const manifestType = "application/vnd.docker.distribution.manifest.v2+json";
let settled: SettledDaemon;
let daemon: TestDaemon;
let canary: Canary;
let attacks: readonly { readonly title: string; readonly parts: ImageParts }[];

beforeAll(async () => {
  settled = held.use(await startSettledDaemon());
  ({ daemon } = settled);
  canary = held.use(await Canary.plant(join(daemon.place.home, "canary"), { patience: 60_000, memory: 512 * 1024 * 1024 }));
  // From layers/<diff id>/tree up to the folder that holds the data root.
  const target = { canary: canary.path, relative: "../../../../canary" };
  attacks = layerAttacks(target).map(({ title, bytes }) => ({ title, parts: imageOf(new Uint8Array(bytes)) }));
}, 60_000);
afterAll(() => held.disposeAsync(), 60_000);

function imageOf(layer: Uint8Array<ArrayBuffer>): ImageParts {
  const plain = imageParts({ docker: true, layers: [[]] });
  const config = json({ architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids: [sha256(layer)] } });
  const manifest = json({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: "application/vnd.docker.container.image.v1+json", digest: sha256(config), size: config.length },
    layers: [{ mediaType: plain.layerType, digest: sha256(layer), size: layer.length }],
  });
  return { layers: [layer], layerType: plain.layerType, config, manifest, manifestDigest: sha256(manifest) };
}

/** The canary as it was, its marker nowhere, the daemon the same. */
function expectUnharmed(texts: readonly string[]): void {
  expect(canary.violations({ trees: [daemon.place.dataRoot, daemon.place.execRoot], texts: [...texts, daemon.log] })).toEqual([]);
}

const run = (...args: readonly string[]): Promise<Output> => daemon.gantry(["run", "--rm", ...args]);

describe("a hostile layer", () => {
  test("A01-A04: loaded", async () => {
    const { pid } = daemon;
    const replies: string[] = [];
    for (const { parts } of attacks) replies.push(await loadArchive(daemon, dockerArchive(parts, ["evil:1"])));
    expectUnharmed(replies);
    expect(replies.filter((reply) => !/"(error|stream|message)":/.test(reply))).toEqual([]);
    expect(daemon.pid).toBe(pid);
  });

  test("A01-A04: pulled, and A03: by two pulls at once", async () => {
    await using registry = await startEnclosedRegistry(settled.enclosure, async (outer) => {
      for (const [number, { parts }] of attacks.entries()) {
        for (const blob of [...parts.layers, parts.config]) await outer.pushBlob("evil", blob);
        await outer.pushManifest("evil", `v${number}`, { mediaType: manifestType, bytes: parts.manifest });
      }
    });
    const pull = async (number: number): Promise<string> =>
      await (await daemon.request(`/images/create?fromImage=${registry.host}/evil&tag=v${number}`, { method: "POST" })).text();
    const replies = await Promise.all(attacks.flatMap((_, number) => [pull(number), pull(number)]));
    expectUnharmed(replies);
    const flip = attacks.findIndex(({ title }) => title.startsWith("A03"));
    expect(replies[flip * 2]).toMatch(/"(error|status)":/);
  });

  test("A01: run, it shows nothing of the canary", async () => {
    const members: readonly ArchiveMember[] = [
      { type: "symlink", name: "secret", linkName: join(canary.path, "secret") },
      { type: "symlink", name: "climb", linkName: "../../../../../../../../../../../../canary" },
    ];
    await plantImage(daemon, "peep", { members });
    const { code, stdout, stderr } = await run("peep", "sh", "-c", "cat /secret /climb/secret; ls /climb/");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expectUnharmed([stderr]);
  });
});

test("A05: names in an archive that are paths are refused with a sentence, and nothing of them is stored", async () => {
  const parts = imageParts({ docker: true, layers: [[{ name: "a", content: "A05" }]] });
  const layer = { name: "l/layer.tar", content: parts.layers[0] ?? "" };
  const config = { name: "c.json", content: parts.config };
  const entry = { Config: "c.json", RepoTags: ["x:1"], Layers: ["l/layer.tar"] };
  const documents = [
    { ...entry, Config: "../../x.json" },
    { ...entry, Config: join(canary.path, "secret") },
    { ...entry, Layers: ["../../../canary/layer.tar"] },
    { ...entry, Layers: [".."] },
    { ...entry, RepoTags: ["../x"] },
  ];
  const whole = await loadArchive(daemon, archive([layer, config, { name: "manifest.json", content: JSON.stringify([entry]) }]));
  expect(whole).toContain("Loaded image: x:1");
  for (const document of documents) {
    const reply = await loadArchive(daemon, archive([layer, config, { name: "manifest.json", content: JSON.stringify([document]) }]));
    expect({ document, refused: /leaves the archive|invalid reference format/.test(reply) }).toEqual({ document, refused: true });
    expectUnharmed([reply]);
  }
  const link = archive([layer, config, { type: "symlink", name: "manifest.json", linkName: join(canary.path, "secret") }]);
  expect(await loadArchive(daemon, link)).toContain("leaves the archive");
});

describe("A14: a folder that is a descriptor", () => {
  test("as the image's WorkingDir does not start, and exec -w does not either", async () => {
    const places = [3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 32].map((fd) => `/proc/self/fd/${fd}`);
    for (const [number, WorkingDir] of [...places, "/proc/1/cwd", "/proc/1/fd/3"].entries()) {
      await plantImage(daemon, `leak${number}`, { config: { WorkingDir } });
      const { code, stdout } = await run(
        `leak${number}`,
        "sh",
        "-c",
        "cat ../../../../etc/hostname ../../../../../etc/hostname; ls /proc/self/cwd/..",
      );
      // The container's own first folder is no secret; everything else must not start.
      const started = code === 0 && WorkingDir !== "/proc/1/cwd";
      expect({ WorkingDir, started, saw: /boot|lost\+found/.test(stdout) }).toEqual({ WorkingDir, started: false, saw: false });
    }
    await daemon.gantry(["run", "-d", "--name", "host", "busybox", "sleep", "1000"]);
    for (const folder of places) {
      const { code, stdout } = await daemon.gantry(["exec", "-w", folder, "host", "sh", "-c", "pwd"]);
      // A descriptor that runtimes never have is not there (127), the others lead out of the container (126).
      expect({ folder, refused: code === 126 || code === 127, ran: stdout.startsWith("/") }).toEqual({ folder, refused: true, ran: false });
    }
    expect((await daemon.gantry(["exec", "-w", "/tmp", "host", "sh", "-c", "pwd"])).stdout).toBe("/tmp\n");
    await daemon.gantry(["rm", "-f", "host"]);
  });

  test("only 0 to 2 are open in init and exec", async () => {
    const count = ["sh", "-c", "for fd in /proc/self/fd/*; do [ -e $fd ] && echo ${fd##*/}; done; true"];
    expect((await run("busybox", ...count)).stdout).toBe("0\n1\n2\n");
    await daemon.gantry(["run", "-d", "--name", "host", "busybox", "sleep", "1000"]);
    expect((await daemon.gantry(["exec", "host", ...count])).stdout).toBe("0\n1\n2\n");
    expect((await daemon.gantry(["exec", "host", "ls", "/proc/1/fd"])).stdout).toBe("0\n1\n2\n");
    await daemon.gantry(["rm", "-f", "host"]);
  });
});

test("A15: links where the runtime mounts touch nothing on the host", async () => {
  const targets = [canary.path, "../../../../../../canary"];
  const points = ["dev", "proc", "sys", "etc", "etc/hosts", "etc/hostname", "etc/resolv.conf", "etc/mtab", "dev/shm", "dev/pts"];
  let number = 0;
  for (const linkName of targets) {
    for (const point of points) {
      number += 1;
      await plantImage(daemon, `link${number}`, { members: [{ type: "symlink", name: point, linkName }] });
      const { stderr, stdout } = await run(
        "-t",
        `link${number}`,
        "sh",
        "-c",
        "ls /dev /proc/1 /etc >/tmp/x 2>&1; touch /etc/hosts /dev/shm/x; echo ran",
      );
      expectUnharmed([stdout, stderr]);
    }
  }
  expect(number).toBe(20);
});

describe("A17: a passwd file", () => {
  const names: Readonly<Record<string, ArchiveMember>> = {
    "that is a fifo": { type: "fifo", name: "etc/passwd" },
    "that is a link to a device": { type: "symlink", name: "etc/passwd", linkName: "/dev/zero" },
    "that is a link to the host's": { type: "symlink", name: "etc/passwd", linkName: "../../../../../../../../etc/shadow" },
    "that is a folder": { type: "directory", name: "etc/passwd" },
    "that is larger than any": { name: "etc/passwd", content: new Uint8Array(11 * 1024 * 1024).fill(0x61) },
  };
  test.each(Object.keys(names))("%s is refused within 2 s", async (title) => {
    const member = names[title];
    if (member === undefined) throw new Error(title);
    await plantImage(daemon, "passwd", { members: [{ type: "directory", name: "etc" }, member] });
    const began = performance.now();
    const { code, stdout } = await run("-u", "root", "passwd", "echo", "ran");
    expect({ refused: code !== 0, stdout, quick: performance.now() - began < 2000 }).toEqual({ refused: true, stdout: "", quick: true });
  });
});

describe("A18, A19: a user", () => {
  const files: readonly ArchiveMember[] = [
    { type: "directory", name: "etc" },
    { name: "etc/passwd", content: "root:x:0:0::/:/bin/sh\n1000:x:0:0::/:/bin/sh\nu:x:1001:1001::/:/bin/sh\n" },
    { name: "etc/group", content: "root:x:0:\ng:x:2000:\nextra:x:3000:u\n" },
    { name: "denied", content: "x", mode: 0o707, gid: 2000 },
  ];
  beforeAll(() => plantImage(daemon, "users", { members: files }));

  test.each([
    ["1000", "1000 0 0"],
    ["1:1", "1 1 1"],
    ["u", "1001 1001 1001 3000"],
    ["u:g", "1001 2000 2000"],
    ["2147483647", "2147483647 0 0"],
  ])("%s is %s", async (user, ids) => {
    const { stdout } = await run("-u", user, "users", "sh", "-c", "echo $(id -u) $(id -g) $(id -G)");
    expect(stdout).toBe(`${ids}\n`);
  });

  test.each(["2147483648", "4294967296", "-1", "0x0", "1:4294967296", "nobody"])("%s is refused", async (user) => {
    const { code, stdout } = await daemon.gantry(["run", "--rm", `--user=${user}`, "users", "id"]);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
  });

  test("of the image is taken by the same rules, and exec -u 1 is uid 1", async () => {
    await plantImage(daemon, "numbered", { members: files, config: { User: "1000" } });
    expect((await run("numbered", "id", "-u")).stdout).toBe("1000\n");
    await daemon.gantry(["run", "-d", "--name", "host", "users", "sleep", "1000"]);
    expect((await daemon.gantry(["exec", "-u", "1", "host", "id", "-u"])).stdout).toBe("1\n");
    expect((await daemon.gantry(["exec", "-u", "4294967296", "host", "id", "-u"])).stdout).not.toMatch(/^\d/);
    await daemon.gantry(["rm", "-f", "host"]);
  });

  test("whose group is denied a file by its mode is denied it", async () => {
    const denied = await run("-u", "u:g", "users", "cat", "/denied");
    expect([denied.code, denied.stdout]).toEqual([1, ""]);
    expect((await run("-u", "u", "users", "cat", "/denied")).stdout).toBe("x");
  });
});

test("T03: names are bytes, from the tar to the disk and into the container", async () => {
  const names = ["\u00ff", "\u00e9", "e\u0301", "new\nline", "sp ace", "q'\"$`"];
  const bytes = (name: string): string => Buffer.from(name, "utf8").toString("latin1");
  const raw = ["\u00ff\u00fe", ...names.map(bytes)];
  await plantImage(daemon, "names", {
    members: [{ type: "directory", name: "n" }, ...raw.map((name) => ({ name: `n/${name}`, content: name }))],
  });
  const { stdout } = await run("names", "sh", "-c", "cd /n; for f in *; do printf '%s' \"$f\" | od -An -tx1 | tr -d ' \\n'; echo; done");
  const expected = raw.map((name) => Buffer.from(name, "latin1").toString("hex")).toSorted();
  expect(stdout.trim().split("\n").toSorted()).toEqual(expected);
});

test("nothing of all this is left", async () => {
  expect(await list(daemon, true)).toEqual([]);
  expect(await settled.leaks()).toEqual([]);
  expect(["content/ingest", "content/spool", "layers/ingest"].flatMap((name) => readdirSync(join(daemon.place.dataRoot, name)))).toEqual(
    [],
  );
  expect(existsSync(join(daemon.place.home, "canary/secret"))).toBe(true);
  expect(readFileSync(daemon.place.pidFile, "utf8").trim()).toBe(String(daemon.pid));
});
