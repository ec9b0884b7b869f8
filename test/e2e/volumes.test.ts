// Volumes through a whole life: made, filled, shared, protected, found again after a daemon that was killed, and removed.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { call } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { startAmongFlips } from "../support/flipping-mounts.ts";
import { loadImage } from "../support/images.ts";
import { plantImage } from "../support/planted-image.ts";
import { mountPoints } from "../support/sweep.ts";
import { raceVolumes } from "../support/volume-races.ts";
import { waitFor } from "../support/wait-for.ts";

setDefaultTimeout(60_000);

let daemon: TestDaemon;

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  await plantImage(daemon, "filled", {
    members: [
      { type: "directory", name: "x", mode: 0o1750, uid: 7, gid: 8 },
      { name: "x/a", content: Buffer.from("of the image"), mode: 0o640, uid: 9, gid: 10 },
      { type: "hardlink", name: "x/b", linkName: "x/a" },
      { type: "symlink", name: "x/out", linkName: "/etc/passwd" },
    ],
    config: { Volumes: { "/x": {}, "/declared": {} } },
  });
}, 60_000);
afterAll(() => daemon[Symbol.asyncDispose](), 60_000);

async function gantry(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await daemon.gantry(args);
  if (code !== 0) throw new Error(`${args.join(" ")}: ${code} ${stderr}`);
  return stdout.trim();
}

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await daemon.gantry(args);
  expect([args, code]).not.toEqual([args, 0]);
  return stderr.split("\n").find((line) => line.includes("Error response")) ?? stderr;
}

const dataOf = (name: string): string => join(daemon.place.dataRoot, "volumes", name, "_data");
const names = async (): Promise<readonly string[]> => (await gantry("volume", "ls", "-q")).split("\n").filter((name) => name !== "");

describe("a volume", () => {
  test("B17: is filled once from the image, with owners, modes and links; what is in it is never changed again", async () => {
    const look = ["sh", "-c", "stat -c '%a %u %g %h %n' /x /x/a /x/b; readlink /x/out; cat /x/a"];
    const seen = "1750 7 8 2 /x\n640 9 10 2 /x/a\n640 9 10 2 /x/b\n/etc/passwd\nof the image";
    expect(await gantry("run", "--rm", "-v", "fill:/x:ro", "filled", ...look)).toBe(seen);
    await gantry("run", "--rm", "-v", "fill:/y", "filled", "sh", "-c", "echo -n mine >/y/a");
    expect(await gantry("run", "--rm", "-v", "fill:/x:ro", "filled", "cat", "/x/a")).toBe("mine");
    expect(await gantry("run", "--rm", "-v", "plain:/x:nocopy", "filled", "ls", "-A", "/x")).toBe("");
    expect(await gantry("run", "--rm", "-v", "plain:/x", "filled", "cat", "/x/a")).toBe("of the image");
    await gantry("volume", "rm", "fill", "plain");
  });

  test("of the image belongs to the container, and goes with it when that is asked for", async () => {
    const before = await names();
    await gantry("create", "--name", "own", "filled", "true");
    expect((await names()).length).toBe(before.length + 2);
    await gantry("rm", "own");
    expect(await gantry("volume", "prune", "-f")).toMatch(/^Deleted Volumes:\n[0-9a-f]{64}\n[0-9a-f]{64}\n\nTotal reclaimed space: /);
    await gantry("create", "--name", "own", "-v", "kept:/k", "filled", "true");
    await gantry("rm", "-v", "own");
    await gantry("run", "--rm", "-v", "/own", "filled", "true");
    expect(await names()).toEqual([...before, "kept"].toSorted());
    await gantry("volume", "rm", "kept");
  });

  test("is taken over by --volumes-from, and shown from a subpath that no link leads out of", async () => {
    await gantry(
      "run",
      "--name",
      "giver",
      "-v",
      "given:/g",
      "-v",
      "/anonymous",
      "busybox",
      "sh",
      "-c",
      "mkdir -p /g/in/side && echo x >/g/in/f && ln -s /etc /g/out",
    );
    expect(await gantry("run", "--rm", "--volumes-from", "giver", "busybox", "ls", "/g", "/anonymous")).toContain("in\nout");
    const { stderr } = await daemon.gantry(["run", "--rm", "--volumes-from", "giver:ro", "busybox", "touch", "/g/new"]);
    expect(stderr).toContain("Read-only file system");
    const sub = (path: string): string => `type=volume,src=given,dst=/s,volume-subpath=${path}`;
    expect(await gantry("run", "--rm", "--mount", sub("in"), "busybox", "cat", "/s/f")).toBe("x");
    expect(await gantry("run", "--rm", "--mount", sub("in/f"), "busybox", "cat", "/s")).toBe("x");
    expect(await gantry("run", "--rm", "--mount", `${sub("in/f")},readonly`, "busybox", "cat", "/s")).toBe("x");
    expect(await refusal("run", "--rm", "--mount", sub("out"), "busybox", "ls", "/s")).toContain('failed to open subpath "out"');
    const layers = `${daemon.place.execRoot}/l/`;
    expect(mountPoints("self").filter((path) => path.includes(daemon.place.token) && !path.startsWith(layers))).toEqual([]);
    await gantry("rm", "-v", "giver");
    await gantry("volume", "rm", "given");
  });

  test("B16: protects itself while a container has it, whichever daemon asks", async () => {
    const id = await gantry("run", "-d", "--name", "holder", "-v", "held:/h", "busybox", "sleep", "1000");
    const words = `Error response from daemon: remove held: volume is in use - [${id}]`;
    expect(await refusal("volume", "rm", "held")).toBe(words);
    await daemon.kill();
    await daemon.start();
    expect(await refusal("volume", "rm", "-f", "held")).toBe(words);
    expect(await gantry("volume", "prune", "-af")).toBe("Total reclaimed space: 0B");
    await gantry("exec", "holder", "touch", "/h/still");
    expect(await readdir(dataOf("held"))).toEqual(["still"]);
    await gantry("rm", "-f", "holder");
    await gantry("volume", "rm", "held");
    expect(existsSync(join(dataOf("held"), ".."))).toBe(false);
  });

  test("with a device is mounted while somebody uses it, by a daemon that was killed meanwhile too", async () => {
    await gantry("volume", "create", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=1m,noexec", "memory");
    await gantry("run", "-d", "--name", "first", "-v", "memory:/m", "busybox", "sh", "-c", "echo shared >/m/f; sleep 1000");
    expect(await gantry("run", "--rm", "-v", "memory:/m", "busybox", "sh", "-c", "until cat /m/f 2>/dev/null; do :; done")).toBe("shared");
    await daemon.kill();
    await daemon.start();
    expect(mountPoints("self")).toContain(dataOf("memory"));
    expect(await gantry("run", "--rm", "-v", "memory:/m", "busybox", "cat", "/m/f")).toBe("shared");
    await gantry("rm", "-f", "first");
    expect(mountPoints("self")).not.toContain(dataOf("memory"));
    await gantry("volume", "rm", "memory");
    await gantry("volume", "create", "--opt", "type=none", "--opt", "device=/nowhere", "--opt", "o=bind", "lost");
    expect(await refusal("run", "--rm", "-v", "lost:/l", "busybox", "true")).toContain(
      "failed to mount local volume: mount /nowhere: ENOENT",
    );
    await gantry("volume", "rm", "lost");
  });
});

describe("mounts", () => {
  test("overlap by the depth of their targets, with tmpfs of a size and a mode", async () => {
    const mounts = ["--mount", "type=tmpfs,dst=/o/t,tmpfs-size=1m,tmpfs-mode=1700", "-v", "inner:/o/a/b", "-v", "outer:/o"];
    const script = "touch /o/1 /o/a/b/2; stat -c '%a %n' /o/t; grep -c 'tmpfs /o/t tmpfs .*size=1024k' /proc/mounts";
    expect(await gantry("run", "--rm", ...mounts, "busybox", "sh", "-c", script)).toBe("1700 /o/t\n1");
    expect((await readdir(dataOf("outer"))).toSorted()).toEqual(["1", "a", "t"]);
    expect(await readdir(dataOf("inner"))).toEqual(["2"]);
    await gantry("volume", "rm", "inner", "outer");
  });

  test("B08, B13: over /proc are refused, by its name and by links of the image", async () => {
    await plantImage(daemon, "linked", {
      members: [
        { type: "symlink", name: "toproc", linkName: "/proc" },
        { type: "symlink", name: "toattr", linkName: "x/../proc/self/attr" },
      ],
    });
    for (const target of ["/proc", "/proc/self/attr", "/toproc", "/toproc/sys", "/toattr", "/toattr/x"]) {
      expect(await refusal("run", "--rm", "-v", `shadow:${target}`, "linked", "true")).toMatch(
        /cannot be mounted because it is (?:not of type proc|inside \/proc)$/,
      );
      expect(await refusal("run", "--rm", "-v", `/tmp:${target}`, "linked", "true")).toContain("cannot be mounted because it is");
    }
    await plantImage(daemon, "declares", { config: { Volumes: { "/proc": {} } } });
    expect(await refusal("run", "--rm", "declares", "true")).toContain("it is not of type proc");
    await gantry("volume", "rm", "shadow");
  });

  test("B07, B12: below folders of a shared volume that become links meanwhile stay in the root", async () => {
    const { started, refused, escaped } = await startAmongFlips(daemon, 10);
    expect({ rounds: started + refused, escaped }).toEqual({ rounds: 10, escaped: [] });
    await gantry("volume", "rm", "flipped", "inner");
  });

  test("a volume that the image declares where it has a file is refused, and nothing of it stays", async () => {
    const before = await names();
    await plantImage(daemon, "mistaken", { config: { Volumes: { "/bin/busybox": {} } } });
    expect(await refusal("create", "mistaken", "true")).toContain("cannot mount volume over existing file, file exists /bin/busybox");
    expect(await names()).toEqual(before);
  });
});

test("events tell of create, mount, unmount and destroy, and both clients list the same", async () => {
  const since = Date.now() / 1000;
  const id = await gantry("run", "-d", "-v", "told:/t:ro", "--label", "own=1", "busybox", "true");
  await gantry("wait", id);
  await gantry("rm", "-f", id);
  for (const command of [
    ["volume", "ls"],
    ["volume", "inspect", "told"],
    ["volume", "ls", "--format", "{{json .}}"],
    ["volume", "ls", "--filter", "dangling=true", "-q"],
  ]) {
    const [ours, theirs] = await Promise.all([daemon.gantry(command), daemon.docker(command)]);
    expect([command, ours.code, ours.stdout]).toEqual([command, theirs.code, theirs.stdout]);
  }
  await gantry("volume", "rm", "told");
  const filters = encodeURIComponent('{"type":["volume"]}');
  const text = await (await call(daemon, `/events?since=${since}&until=${(Date.now() + 2) / 1000}&filters=${filters}`)).text();
  const events = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly Action: string; readonly Actor: object });
  const mounted = { container: id, destination: "/t", driver: "local", propagation: "", "read/write": "false" };
  expect(events.map(({ Action, Actor }) => ({ Action, Actor }))).toEqual([
    { Action: "create", Actor: { ID: "told", Attributes: { driver: "local" } } },
    { Action: "mount", Actor: { ID: "told", Attributes: mounted } },
    { Action: "unmount", Actor: { ID: "told", Attributes: { container: id, driver: "local" } } },
    { Action: "destroy", Actor: { ID: "told", Attributes: { driver: "local" } } },
  ]);
});

describe("beyond Docker, a volume", () => {
  test("gets another name, which a container that has it prevents", async () => {
    await gantry("run", "--name", "writer", "-v", "before:/d", "busybox", "sh", "-c", "echo data >/d/f");
    const id = await gantry("ps", "-aqf", "name=writer", "--no-trunc");
    expect(await refusal("volume", "mv", "before", "after")).toBe(`Error response from daemon: rename before: volume is in use - [${id}]`);
    await gantry("rm", "writer");
    await gantry("volume", "create", "--label", "a=b", "after");
    expect(await refusal("volume", "mv", "before", "after")).toContain("rename before: there is a volume after");
    expect(await refusal("volume", "mv", "after", "../x")).toContain("includes invalid characters for a local volume name");
    expect(await refusal("volume", "mv", "nobody", "xx")).toContain("get nobody: no such volume");
    expect(await gantry("volume", "mv", "after", "labelled")).toBe("labelled");
    expect(await gantry("volume", "mv", "before", "after")).toBe("after");
    await daemon.kill();
    await daemon.start();
    expect(await gantry("volume", "inspect", "-f", "{{.Labels.a}} {{.Mountpoint}}", "labelled")).toBe(`b ${dataOf("labelled")}`);
    expect([await names(), await readFile(join(dataOf("after"), "f"), "utf8")]).toEqual([["after", "labelled"], "data\n"]);
    await gantry("volume", "rm", "after", "labelled");
  });

  test("is copied while a container has it, with owners, links and holes", async () => {
    const write =
      "mkdir -m 1750 /d/x; chown 7:8 /d /d/x; echo data >/d/x/f; ln /d/x/f /d/h; ln -s /etc/passwd /d/l; dd of=/d/s bs=1 count=0 seek=1073741824; sleep 1000";
    await gantry("run", "-d", "--name", "writer", "-v", "first:/d", "busybox", "sh", "-c", write);
    await waitFor(() => existsSync(join(dataOf("first"), "s")), { what: "the container to write" });
    expect(await gantry("volume", "clone", "first", "second")).toBe("second");
    expect(await refusal("volume", "clone", "first", "second")).toContain("create second: there is a volume of that name");
    const look = ["sh", "-c", "cd /d; stat -c '%a %u %g %h %s %b %N' . x x/f h s | sort; readlink l; cat x/f"];
    const seen = await gantry("run", "--rm", "-v", "second:/d", "busybox", ...look);
    expect(seen).toBe(await gantry("run", "--rm", "-v", "first:/d", "busybox", ...look));
    expect(seen).toContain("/etc/passwd\ndata");
    await gantry("rm", "-f", "writer");
    await gantry("volume", "rm", "first", "second");
  });

  test("B06: goes out as an archive in which links are links, and comes back whole or not at all", async () => {
    const file = join(daemon.place.dataRoot, "..", "volume.tar");
    await gantry(
      "run",
      "--rm",
      "-v",
      "out:/d",
      "busybox",
      "sh",
      "-c",
      "chown 7:8 /d; chmod 750 /d; echo data >/d/f; ln -s /etc/passwd /d/l",
    );
    await gantry("volume", "export", "-o", file, "out");
    const archive = await readFile(file);
    expect(archive.includes("root:")).toBe(false);
    expect(await gantry("volume", "import", "back", file)).toBe("back");
    const look = ["sh", "-c", "stat -c '%a %u %g %N' /d /d/f /d/l"];
    expect(await gantry("run", "--rm", "-v", "back:/d", "busybox", ...look)).toBe(
      await gantry("run", "--rm", "-v", "out:/d", "busybox", ...look),
    );
    expect(await refusal("volume", "import", "back", file)).toContain("volume back is not empty");
    await Bun.write(file, archive.subarray(0, 700));
    const before = await names();
    expect(await refusal("volume", "import", "torn", file)).toContain("Error response from daemon");
    expect([await names(), existsSync(join(dataOf("torn"), ".."))]).toEqual([before, false]);
    await gantry("volume", "create", "empty");
    await refusal("volume", "import", "empty", file);
    expect(await readdir(join(dataOf("empty"), ".."))).toEqual(["_data"]);
    await gantry("volume", "rm", "out", "back", "empty");
  });

  test("is listed with its size and the containers that have it, when that is asked for", async () => {
    await gantry("create", "--name", "holder", "-v", "used:/d", "busybox", "true");
    await gantry("volume", "create", "spare");
    await Bun.write(join(dataOf("used"), "f"), new Uint8Array(5_000_000));
    expect((await gantry("volume", "ls")).split("\n")[0]).toBe("DRIVER    VOLUME NAME");
    expect((await gantry("volume", "ls", "--size")).split("\n").map((line) => line.trimEnd().split(/ {2,}/))).toEqual([
      ["DRIVER", "VOLUME NAME", "SIZE", "USED BY"],
      ["local", "spare", "0B"],
      ["local", "used", "5MB", "holder"],
    ]);
    expect(await gantry("volume", "ls", "-s", "--format", "{{.Name}}={{.UsedBy}}")).toBe("spare=\nused=holder");
    await gantry("rm", "holder");
    await gantry("volume", "rm", "used", "spare");
  });
});

test("folders that a crash left are told apart: what was never anybody's goes, what holds data is a volume", async () => {
  await gantry("volume", "create", "whole");
  const home = join(daemon.place.dataRoot, "volumes");
  await daemon.kill();
  await Bun.write(join(home, "begun", "new"), "");
  await Bun.write(join(home, "begun", "_data", "half"), "x");
  await Bun.write(join(home, "found", "_data", "data"), "x");
  await Bun.write(join(home, "whole", "new"), "");
  await daemon.start();
  expect(await names()).toEqual(["found", "whole"]);
  expect(await readFile(join(dataOf("found"), "data"), "utf8")).toBe("x");
  expect((await readdir(home)).toSorted()).toEqual(["found", "whole"]);
  expect(await readdir(join(home, "whole"))).toEqual(["_data"]);
  await gantry("volume", "prune", "-af");
});

test("I29: kills among creates, removals and prunes lose no volume that was acknowledged", async () => {
  const { wrong, made } = await raceVolumes(daemon, 3);
  expect(wrong).toEqual([]);
  expect(made).toBeGreaterThan(3);
});
