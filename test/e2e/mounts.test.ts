// What a container sees of the host and of images: how mounts travel, what of them is writable, and whose their files seem to be.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { plantImage } from "../support/planted-image.ts";
import { mountPoints } from "../support/sweep.ts";
import { waitFor } from "../support/wait-for.ts";

setDefaultTimeout(60_000);

let daemon: TestDaemon;
let source: string;

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  source = join(daemon.place.dataRoot, "..", "source");
  mkdirSync(source);
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
  return stderr;
}

/** A mount of the host's that others travel to and from. */
async function sharedFolder(name: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = join(source, name);
  mkdirSync(path);
  await succeed(["mount", "-t", "tmpfs", "shared", path]);
  await succeed(["mount", "--make-shared", path]);
  mkdirSync(join(path, "sub"));
  return { path, [Symbol.asyncDispose]: async () => void (await succeed(["umount", "-R", "-l", path])) };
}

test.each([
  ["rprivate", false, false],
  ["rslave", true, false],
  ["rshared", true, true],
])("a bind that is %s gets the host's later mounts: %p, and gives its own: %p", async (propagation, gets, gives) => {
  await using folder = await sharedFolder(propagation);
  await gantry("run", "-d", "--name", "travel", "--privileged", "-v", `${folder.path}:/m:${propagation}`, "busybox", "sleep", "1000");
  const seen = async (place: string): Promise<boolean> =>
    (await gantry("exec", "travel", "cat", "/proc/self/mountinfo")).includes(` ${place} `);
  await succeed(["mount", "-t", "tmpfs", "later", join(folder.path, "sub")]);
  expect(await seen("/m/sub")).toBe(gets);
  await succeed(["umount", join(folder.path, "sub")]);
  await waitFor(async () => !(await seen("/m/sub")), { what: "the host's mount to go" });
  await gantry("exec", "travel", "mount", "-t", "tmpfs", "inner", "/m/sub");
  expect(mountPoints("self").includes(join(folder.path, "sub"))).toBe(gives);
  await gantry("rm", "-f", "travel");
});

test("mounts below a source are left out, read-only or writable, as was asked", async () => {
  await using folder = await sharedFolder("below");
  await succeed(["mount", "-t", "tmpfs", "below", join(folder.path, "sub")]);
  const tried = async (options: string): Promise<string> => {
    const write =
      "for f in /m/f /m/sub/f; do touch $f 2>/dev/null && echo $f; done; grep -c ' /m/sub ' /proc/self/mountinfo; rm -f /m/f /m/sub/f";
    return await gantry("run", "--rm", "--mount", `type=bind,src=${folder.path},dst=/m${options}`, "busybox", "sh", "-c", write);
  };
  expect(await tried("")).toBe("/m/f\n/m/sub/f\n1");
  expect(await tried(",readonly")).toBe("1");
  expect(await tried(",readonly,bind-recursive=writable")).toBe("/m/sub/f\n1");
  expect(await tried(",readonly,bind-recursive=readonly,bind-propagation=rprivate")).toBe("1");
  expect(await tried(",bind-recursive=disabled")).toBe("/m/f\n/m/sub/f\n0");
  expect(await tried(",readonly,bind-recursive=disabled")).toBe("0");
});

test("an image is seen read-only, whole or in part, stays as long as a container has it, and leaves no mount behind", async () => {
  await plantImage(daemon, "tools", {
    members: [
      { type: "directory", name: "opt" },
      { name: "opt/tool", content: Buffer.from("of the image") },
      { type: "symlink", name: "out", linkName: "/etc" },
    ],
  });
  const run = ["run", "--rm", "--mount"];
  const look = "cat /t/opt/tool; touch /t/new";
  const { stdout, stderr } = await daemon.gantry([...run, "type=image,src=tools,dst=/t", "busybox", "sh", "-c", look]);
  expect([stdout, stderr]).toEqual(["of the image", expect.stringContaining("touch: /t/new: Read-only file system")]);
  expect(stderr).toContain("WARNING: Image mount is an experimental feature");
  expect(await gantry(...run, "type=image,src=tools,dst=/t,image-subpath=opt/tool", "busybox", "cat", "/t")).toBe("of the image");
  expect(await refusal(...run, "type=image,src=tools,dst=/t,image-subpath=out", "busybox", "true")).toContain("cannot access path");
  await gantry("create", "--name", "holder", "--mount", "type=image,src=tools,dst=/t", "busybox", "cat", "/t/opt/tool");
  expect(await refusal("rmi", "tools")).toContain("is using its referenced image");
  await daemon.kill();
  await daemon.start();
  await gantry("rmi", "-f", "tools");
  await gantry("image", "prune", "-af");
  expect(await gantry("start", "-a", "holder")).toBe("of the image");
  expect(await gantry("run", "--rm", "--volumes-from", "holder", "busybox", "cat", "/t/opt/tool")).toBe("of the image");
  const layers = `${daemon.place.execRoot}/l/`;
  expect(mountPoints("self").filter((path) => path.includes(daemon.place.token) && !path.startsWith(layers))).toEqual([]);
  await gantry("rm", "holder");
});

test("with owner= the files of one user of the host are the container's user's, and nobody else's are", async () => {
  const place = join(source, "owned");
  mkdirSync(place);
  chownSync(place, 1000, 1001);
  for (const [name, owner] of [
    ["mine", 1000],
    ["roots", 0],
  ] as const) {
    writeFileSync(join(place, name), name);
    chownSync(join(place, name), owner, owner === 0 ? 0 : 1001);
  }
  const look = "stat -c '%u %g %n' /o/mine /o/roots; touch /o/new; echo more >>/o/roots";
  const { stdout, stderr } = await daemon.gantry(["run", "--rm", "-v", `${place}:/o:owner=1000:1001`, "busybox", "sh", "-c", look]);
  expect(stdout).toBe("0 0 /o/mine\n65534 65534 /o/roots\n");
  expect(stderr).toContain("/o/roots: Permission denied");
  const { uid, gid } = statSync(join(place, "new"));
  expect([uid, gid]).toEqual([1000, 1001]);
  const other = ["run", "--rm", "-u", "5:6", "-v", `${place}:/o:ro,owner=1000:1001`];
  expect(await gantry(...other, "busybox", "stat", "-c", "%u %g", "/o/new")).toBe("5 6");
  await gantry("create", "--name", "told", "-v", `${place}:/o:owner=me`, "busybox", "true");
  expect(await gantry("inspect", "-f", "{{json .Gantry}} {{json .HostConfig.Binds}}", "told")).toBe(
    `{"BindOwners":{"/o":"${process.geteuid?.()}:${process.getegid?.()}"}} ["${place}:/o"]`,
  );
  await gantry("rm", "told");
  expect(await refusal("run", "--rm", "-v", "/proc:/o:owner=1000", "busybox", "true")).toContain("cannot show other owners");
});

test("B17: z and Z relabel nothing on a machine without SELinux, and what -v makes is root's", async () => {
  const fresh = join(source, "fresh", "deep");
  expect(await gantry("run", "--rm", "-v", `${fresh}:/o:z`, "-v", "/etc:/e:ro,Z", "busybox", "stat", "-c", "%u %g %a", "/o")).toBe(
    "0 0 755",
  );
  expect(existsSync(fresh)).toBe(true);
  expect(await refusal("run", "--rm", "--mount", `type=bind,src=${fresh}-not,dst=/o`, "busybox", "true")).toContain(
    `invalid mount config for type "bind": bind source path does not exist: ${fresh}-not`,
  );
  expect(existsSync(`${fresh}-not`)).toBe(false);
});
