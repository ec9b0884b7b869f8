// Events outlive the daemon: numbered on, replayed without a gap or a double, complete under load.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { call, create, removeForced, start, wait } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { RawConnection } from "../support/memory-api.ts";
import { waitFor } from "../support/wait-for.ts";

let daemon: TestDaemon;

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
});

afterAll(() => daemon[Symbol.asyncDispose]());

interface Event {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

const quiet = { Cmd: ["true"], HostConfig: { NetworkMode: "none" } };

/** Kept events up to now, the millisecond rounded up. Lines as they stand: two that are equal are one event, since their nanoseconds are in them. */
async function replay(filters: object = {}, since = "0"): Promise<readonly string[]> {
  const query = new URLSearchParams({ since, until: String((Date.now() + 2) / 1000), filters: JSON.stringify(filters) });
  return (await (await call(daemon, `/events?${query.toString()}`)).text()).split("\n").filter((line) => line !== "");
}

const read = (line: string): Event => JSON.parse(line) as Event;

test("a clean end and kill -9 leave every event to be replayed, once", async () => {
  const id = await create(daemon, { ...quiet, Labels: { tier: "front" } }, "lasting");
  await start(daemon, id);
  expect(await wait(daemon, id)).toBe(0);
  await (await call(daemon, `/containers/${id}/rename?name=renamed`, { method: "POST" })).text();
  const first = await replay();
  expect(first.map(read).map(({ Type, Action }) => `${Type} ${Action}`)).toEqual([
    "image load",
    "container create",
    "container start",
    "container die",
    "container rename",
  ]);
  await daemon.terminate();
  await daemon.start();
  expect(await replay()).toEqual([...first]);
  await removeForced(daemon, id);
  const second = await replay();
  expect(second.slice(0, -1)).toEqual([...first]);
  await waitFor(
    () =>
      Bun.file(`${daemon.place.dataRoot}/events.jsonl`)
        .text()
        .then((text) => text.includes('"destroy"')),
    { what: "line" },
  );
  await daemon.kill();
  await daemon.start();
  await create(daemon, quiet, "later");
  const third = await replay();
  expect(third.slice(0, -1)).toEqual([...second]);
  expect(new Set(third).size).toBe(third.length);
  // From the last that was seen on: that one, and what came after it.
  const resumed = await replay({}, (read(second.at(-1) ?? "").timeNano / 1e9 - 0.001).toFixed(6));
  expect(resumed.map(read).map(({ Action }) => Action)).toEqual(["destroy", "create"]);
  expect((await replay({ label: ["tier=front"], event: ["die"] })).map(read)).toMatchObject([
    { Actor: { ID: id, Attributes: { exitCode: "0", execDuration: "0", image: "busybox", name: "lasting", tier: "front" } } },
  ]);
});

test("our client and Docker's show the same replay", async () => {
  const until = String(Math.ceil(Date.now() / 1000));
  const args = ["events", "--since", "0", "--until", until, "--filter", "type=container", "--filter", "event=create"];
  const [ours, theirs] = await Promise.all([daemon.gantry(args), daemon.docker(args)]);
  expect(ours).toEqual(theirs);
  expect(ours.stdout.trim().split("\n").length).toBe(2);
});

test("I27 every event of a burst reaches a live reader and a hundred others, in order", async () => {
  const id = await create(daemon, quiet, "burst");
  const listeners = await Promise.all(Array.from({ length: 100 }, () => RawConnection.open(daemon.place.socket)));
  const filters = encodeURIComponent(JSON.stringify({ container: [id], event: ["rename"] }));
  for (const listener of listeners) listener.send(`GET /events?filters=${filters} HTTP/1.1\r\nHost: docker\r\n\r\n`);
  await Promise.all(listeners.map((listener) => listener.until("\r\n\r\n")));
  const names = Array.from({ length: 200 }, (_, index) => `burst-${index}`);
  for (const name of names) await (await call(daemon, `/containers/${id}/rename?name=${name}`, { method: "POST" })).text();
  const expected = names.join(" ");
  for (const listener of listeners) {
    const seen = await listener.until(`"name":"${names.at(-1)}"`);
    expect([...seen.matchAll(/"name":"(burst-\d+)"/g)].map(([, name]) => name).join(" ")).toBe(expected);
    await listener[Symbol.asyncDispose]();
  }
});
