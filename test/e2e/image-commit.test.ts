// commit in a real daemon: what an image of it shows its processes is what the container's own saw.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { call, create, removeForced, startNew, wait } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";

setDefaultTimeout(60_000);

let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
});
afterAll(() => daemon[Symbol.asyncDispose]());

const work = [
  "echo new > /new; chown 7:8 /new; chmod 4711 /new; ln /new /hard; ln -s /new /link; mkfifo /fifo",
  "mkdir -p /made/sub; touch /made/sub/file; rm /bin/ash; rm -r /home; mkdir -p /var/x; echo odd > '/a b'",
  "rm -r /root; mkdir /root; touch /root/own",
].join("; ");
/** Names, kinds, modes, owners, links and bytes, without what the engine mounts. */
const look = [
  "cd /; find . -xdev ! -path './dev*' ! -path './proc*' ! -path './sys*' ! -path './etc/*'",
  " | sort | tr '\\n' '\\0' | xargs -0 stat -c '%n %A %u:%g %h %s' | grep -v ' d'; cat /new '/a b'",
].join("");

async function output(id: string): Promise<string> {
  await wait(daemon, id);
  const text = Buffer.from(await (await call(daemon, `/containers/${id}/logs?stdout=1&stderr=1`)).arrayBuffer());
  return text.toString("latin1");
}

async function commit(query: string): Promise<string> {
  const reply = await call(daemon, `/commit?${query}`, { method: "POST" });
  return ((await reply.json()) as { readonly Id: string }).Id;
}

interface Inspected {
  readonly RootFS: { readonly Layers: readonly string[] };
  readonly Config: Readonly<Record<string, unknown>>;
  readonly Author: string;
  readonly Comment: string;
}

async function inspectImage(name: string): Promise<Inspected> {
  return (await (await call(daemon, `/images/${name}/json`)).json()) as Inspected;
}

test("an image of a container shows the tree that the container's process saw", async () => {
  const id = await startNew(daemon, { Tty: true, Cmd: ["sh", "-c", `${work}; ${look}`] });
  const before = await output(id);
  expect(before).toContain("/new -rws--x--x 7:8 2 4");
  await commit(`container=${id}&repo=committed&tag=1&author=Me&comment=done&changes=${encodeURIComponent("ENV A=b")}`);
  const image = await inspectImage("committed:1");
  expect([image.RootFS.Layers.length, image.Author, image.Comment]).toEqual([2, "Me", "done"]);
  expect(image.Config).toMatchObject({ Env: expect.arrayContaining(["A=b"]) });
  const again = await startNew(daemon, { Image: "committed:1", Tty: true, Cmd: ["sh", "-c", look] });
  expect(await output(again)).toBe(before);
  for (const container of [id, again]) await removeForced(daemon, container);
});

test("changes say what an image may say, and an image of that image says it again; triggers are for one build", async () => {
  const id = await create(daemon, { Cmd: ["true"] });
  const changes = [
    'HEALTHCHECK --interval=5s --retries=2 CMD ["a","b"]',
    "ONBUILD RUN x",
    "STOPSIGNAL SIGINT",
    "VOLUME /v",
    "ENTRYPOINT e",
  ];
  await commit(`container=${id}&repo=changed&${changes.map((change) => `changes=${encodeURIComponent(change)}`).join("&")}`);
  const { Config } = await inspectImage("changed");
  const said = {
    Healthcheck: { Test: ["CMD", "a", "b"], Interval: 5_000_000_000, Retries: 2 },
    StopSignal: "SIGINT",
    Volumes: { "/v": {} },
    Entrypoint: ["/bin/sh", "-c", "e"],
    Cmd: null,
  };
  expect(Config).toMatchObject({ ...said, OnBuild: ["RUN x"] });
  const next = await create(daemon, { Image: "changed" });
  await commit(`container=${next}&repo=changed&tag=2`);
  expect((await inspectImage("changed:2")).Config).toMatchObject({ ...said, OnBuild: null });
  const refused = await daemon.request(`/commit?container=${id}&changes=${encodeURIComponent("STOPSIGNAL SIGFOO")}`, { method: "POST" });
  expect([refused.status, await refused.json()]).toEqual([400, { message: "invalid signal: SIGFOO" }]);
  for (const container of [id, next]) await removeForced(daemon, container);
});

test("a container that wrote nothing adds no layer", async () => {
  const id = await create(daemon, { Cmd: ["true"] });
  await commit(`container=${id}&repo=bare`);
  expect((await inspectImage("bare:latest")).RootFS.Layers).toEqual((await inspectImage("busybox")).RootFS.Layers);
  await removeForced(daemon, id);
});

test("a container that runs stands still meanwhile and runs on", async () => {
  const id = await startNew(daemon, { Cmd: ["sleep", "1000"] });
  const since = Date.now() / 1000 - 1;
  await commit(`container=${id}`);
  await commit(`container=${id}&pause=0`);
  const filters = encodeURIComponent(JSON.stringify({ container: [id] }));
  const events = await (await call(daemon, `/events?since=${since}&until=${(Date.now() + 1) / 1000}&filters=${filters}`)).text();
  const actions = events
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { readonly Action: string }).Action);
  expect(actions.filter((action) => ["pause", "unpause", "commit"].includes(action))).toEqual(["pause", "commit", "unpause", "commit"]);
  const { State } = (await (await call(daemon, `/containers/${id}/json`)).json()) as { readonly State: { readonly Status: string } };
  expect(State.Status).toBe("running");
  await removeForced(daemon, id);
});

test("a file whose name is a mark of removal is refused by name, and no image is left", async () => {
  const id = await startNew(daemon, { Cmd: ["touch", "/.wh.bin"] });
  await wait(daemon, id);
  const reply = await daemon.request(`/commit?container=${id}&repo=marked`, { method: "POST" });
  expect([reply.status, await reply.text()]).toEqual([400, expect.stringContaining(".wh.bin")]);
  expect((await daemon.request("/images/marked/json")).status).toBe(404);
  await removeForced(daemon, id);
});
