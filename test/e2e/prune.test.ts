// Prunes and disk usage of a real daemon: what is left, what is said to be reclaimed, and that both clients tell the same.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { call, create, list, startNew, wait } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";

let daemon: TestDaemon;

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  await loadImage(daemon.place.socket, "hello-world");
});

afterAll(() => daemon[Symbol.asyncDispose]());

const quiet = { NetworkMode: "none" };

interface Sized {
  readonly SizeRw: number;
  readonly SizeRootFs: number;
}

async function sizeOf(id: string): Promise<Sized> {
  const { SizeRw, SizeRootFs } = (await (await call(daemon, `/containers/${id}/json?size=1`)).json()) as Sized;
  return { SizeRw, SizeRootFs };
}

test("sizes grow with what a container writes, and stay as they are when it does not run", async () => {
  const empty = await create(daemon, { HostConfig: quiet });
  const id = await startNew(daemon, { Cmd: ["sh", "-c", "head -c 300000 /dev/zero >/full"], HostConfig: quiet });
  expect(await wait(daemon, id)).toBe(0);
  const [before, after] = [await sizeOf(empty), await sizeOf(id)];
  expect(after.SizeRw - before.SizeRw).toBeGreaterThanOrEqual(300_000);
  expect(after.SizeRw - before.SizeRw).toBeLessThan(320_000);
  expect(after.SizeRootFs - after.SizeRw).toBe(before.SizeRootFs - before.SizeRw);
  expect(await sizeOf(id)).toEqual(after);
  await (await call(daemon, `/containers/${id}/start`, { method: "POST" })).text();
  await wait(daemon, id);
  const listed = (await (await call(daemon, "/containers/json?all=1&size=1")).json()) as readonly (Sized & { readonly Id: string })[];
  expect(listed.find(({ Id }) => Id === id)).toMatchObject(await sizeOf(id));
});

test("a prune takes what does not run, one at a time, and tells of it by an event", async () => {
  const running = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet });
  const labelled = await create(daemon, { Labels: { keep: "yes" }, HostConfig: quiet });
  const stopped = (await list(daemon, true)).filter((id) => id !== running && id !== labelled);
  const sizes = await Promise.all(stopped.map(sizeOf));
  const path = `/containers/prune?filters=${encodeURIComponent('{"label!":["keep"]}')}`;
  const [first, second] = await Promise.all([daemon.request(path, { method: "POST" }), daemon.request(path, { method: "POST" })]);
  expect(new Set([first.status, second.status])).toEqual(new Set([200, 409]));
  const [done, refused] = first.status === 200 ? [first, second] : [second, first];
  const reclaimed = sizes.reduce((sum, { SizeRw }) => sum + SizeRw, 0);
  expect(await done.json()).toEqual({ ContainersDeleted: stopped, SpaceReclaimed: reclaimed });
  expect(await refused.json()).toEqual({ message: "a prune operation is already running" });
  expect((await list(daemon, true)).toSorted()).toEqual([running, labelled].toSorted());
  const events = await (
    await call(daemon, `/events?until=${(Date.now() + 2) / 1000}&filters=${encodeURIComponent('{"event":["prune"]}')}`)
  ).text();
  expect(JSON.parse(events)).toMatchObject({
    Type: "container",
    Action: "prune",
    Actor: { ID: "", Attributes: { reclaimed: String(reclaimed) } },
  });
});

test("system df and system prune read the same from our client and from Docker's", async () => {
  const commands = [
    ["system", "df"],
    ["system", "df", "-v"],
    ["system", "df", "--format", "json"],
    ["ps", "-a", "--size", "--format", "{{.Size}}"],
    ["container", "prune", "-f", "--filter", "label=none"],
    ["system", "prune", "-f", "--filter", "label=none"],
  ];
  // Before 1.51 clients are not told how many containers use an image in a list, and ask no further here.
  for (const command of commands) {
    const [ours, theirs] = await Promise.all([daemon.gantry(command), daemon.docker(command)]);
    expect([command, ours.code, ours.stdout]).toEqual([command, theirs.code, theirs.stdout]);
  }
  for (const command of [
    ["system", "prune", "-a", "--volumes"],
    ["image", "prune"],
    ["container", "prune"],
  ]) {
    const [ours, theirs] = await Promise.all([daemon.gantry(command, { stdin: "n\n" }), daemon.docker(command, { stdin: "n\n" })]);
    expect([command, ours.code, ours.stdout]).toEqual([command, theirs.code, theirs.stdout]);
  }
});

test("image prune --all removes images that no container uses, and gives their bytes back", async () => {
  const before = (await (await call(daemon, "/system/df?type=image")).json()) as { readonly LayersSize: number };
  const pruned = await daemon.gantry(["image", "prune", "--all", "--force"]);
  expect(pruned).toMatchObject({ code: 0, stderr: "" });
  expect(pruned.stdout).toStartWith("Deleted Images:\nuntagged: hello-world:latest\ndeleted: sha256:");
  const after = (await (await call(daemon, "/system/df?type=image")).json()) as {
    readonly LayersSize: number;
    readonly Images: readonly object[];
  };
  expect(after.Images).toMatchObject([{ RepoTags: ["busybox:latest"] }]);
  expect(after.LayersSize).toBeLessThan(before.LayersSize);
});
