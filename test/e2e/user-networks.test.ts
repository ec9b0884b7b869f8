// Networks that somebody makes, as containers, their neighbours and the world outside see them: one daemon in an enclosure with a world.
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { call, inspect, list, removeForced } from "../support/container-calls.ts";
import { run, succeed } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { openEnclosure, type Enclosure } from "../support/enclosure.ts";
import { freePort, hear } from "../support/fabric-place.ts";
import { loadImage } from "../support/images.ts";
import { leaksSince, takeInventory, type Inventory } from "../support/leaks.ts";
import { openOutside, type Outside } from "../support/outside.ts";
import { makePlace } from "../support/test-place.ts";
import { waitFor } from "../support/wait-for.ts";

const place = makePlace();
const table = `gantry_${place.bridge}`;
/** First processes of containers by name, known also while the daemon is held. */
const pids = new Map<string, number>();
let enclosure: Enclosure;
let daemon: TestDaemon;
let outside: Outside;
let before: Inventory;

beforeAll(async () => {
  enclosure = await openEnclosure();
  outside = await openOutside(enclosure, ["10.77.0.0/16"]);
  daemon = await startDaemon({ place, enclosure });
  await loadImage(place.socket, "busybox");
  // What is made once and kept is there after a first container.
  await serve("first");
  await clear();
  before = await takeInventory({ place, enclosure });
}, 30_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await outside[Symbol.asyncDispose]();
  await enclosure[Symbol.asyncDispose]();
}, 30_000);

afterEach(clear);

test("a running container that is connected and disconnected has the interface, the address and the way out that inspect tells", async () => {
  await network("one", "--subnet", "10.77.1.0/24");
  await network("two", "--subnet", "10.77.2.0/24");
  await serve("web", "--network", "one");
  expect(await seenIn("web")).toEqual({ links: ["eth0 10.77.1.2/24"], way: "10.77.1.1 eth0" });
  await ours("network", "connect", "two", "web");
  expect(await seenIn("web")).toEqual({ links: ["eth0 10.77.1.2/24", "eth1 10.77.2.2/24"], way: "10.77.1.1 eth0" });
  expect(await toldOf("web")).toEqual({ one: "10.77.1.2 10.77.1.1", two: "10.77.2.2 10.77.2.1" });
  expect(await membersOf("two")).toEqual({ web: "10.77.2.2/24" });
  await expectRefusal("endpoint with name web already exists in network two", "network", "connect", "two", "web");
  await ours("network", "disconnect", "one", "web");
  expect(await seenIn("web")).toEqual({ links: ["eth1 10.77.2.2/24"], way: "10.77.2.1 eth1" });
  expect(await toldOf("web")).toEqual({ two: "10.77.2.2 10.77.2.1" });
  expect(await membersOf("one")).toEqual({});
  await ours("network", "disconnect", "two", "web");
  expect({ ...(await seenIn("web")), told: await toldOf("web") }).toEqual({ links: [], way: "", told: {} });
  await ours("network", "connect", "one", "web");
  expect(await seenIn("web")).toEqual({ links: ["eth0 10.77.1.2/24"], way: "10.77.1.1 eth0" });
}, 30_000);

test("a container that is only created starts in the networks that it was connected to, and in none that it left", async () => {
  for (const [name, subnet] of [
    ["one", "10.77.1.0/24"],
    ["two", "10.77.2.0/24"],
    ["three", "10.77.3.0/24"],
  ] as const)
    await network(name, "--subnet", subnet);
  await ours("create", "--name", "later", "--network", "one", "busybox", "sleep", "1000");
  await ours("network", "connect", "--ip", "10.77.2.9", "two", "later");
  await ours("network", "connect", "three", "later");
  await ours("network", "disconnect", "one", "later");
  expect(await membersOf("two")).toEqual({});
  await ours("start", "later");
  await learn("later");
  expect((await seenIn("later")).links).toEqual(["eth0 10.77.2.9/24", "eth1 10.77.3.2/24"]);
}, 30_000);

test("containers of one network reach each other, those of another or of one without icc do not", async () => {
  await network("one", "--subnet", "10.77.1.0/24");
  await network("two", "--subnet", "10.77.2.0/24");
  await network("apart", "--subnet", "10.77.3.0/24", "-o", "com.docker.network.bridge.enable_icc=false");
  await Promise.all([serve("one1", "--network", "one", "--ip", "10.77.1.11"), serve("one2", "--network", "one", "--ip", "10.77.1.12")]);
  await Promise.all([serve("two1", "--network", "two", "--ip", "10.77.2.11"), serve("a1", "--network", "apart", "--ip", "10.77.3.11")]);
  await serve("a2", "--network", "apart", "--ip", "10.77.3.12");
  const heard = async (): Promise<readonly string[]> =>
    Promise.all([
      hearFrom("one1", "10.77.1.12"),
      ping("one1", "10.77.1.12"),
      hearFrom("one1", "10.77.2.11"),
      ping("one1", "10.77.2.11"),
      hearFrom("a1", "10.77.3.12"),
      ping("a1", "10.77.3.12"),
      ping("a1", "10.77.3.1"),
    ]);
  expect(await heard()).toEqual(["one2", "answer", "", "silence", "", "silence", "answer"]);
  // They are kept apart by the rules and the isolation of ports alone: without these they do hear each other.
  await planted(async () => {
    await inEnclosure("nft", "flush", "chain", "inet", table, "forward");
    await inEnclosure(
      "sh",
      "-c",
      "ip -o link show type veth | sed -n 's/^[0-9]*: \\(v[^@]*\\)@.*/\\1/p' | xargs -n1 -I@ bridge link set dev @ isolated off",
    );
    // Nobody may remember that there was no answer.
    for (const name of ["a1", "a2"]) await succeed([...inside(name), "ip", "neighbour", "flush", "dev", "eth0"]);
    expect(await heard()).toEqual(["one2", "answer", "two1", "answer", "a2", "answer", "answer"]);
  });
}, 30_000);

test("from an internal network no packet leaves and none comes in, with whatever route", async () => {
  await network("inner", "--subnet", "10.77.1.0/24", "--internal");
  await Promise.all([serve("in1", "--network", "inner", "--ip", "10.77.1.11"), serve("in2", "--network", "inner", "--ip", "10.77.1.12")]);
  expect(await seenIn("in1")).toEqual({ links: ["eth0 10.77.1.11/24"], way: "" });
  await succeed([...inside("in1"), "ip", "route", "add", "default", "via", "10.77.1.1"]);
  await succeed([...inside("in2"), "ip", "route", "add", "default", "via", "10.77.1.1"]);
  const heard = (): Promise<readonly string[]> =>
    Promise.all([
      hearFrom("in1", "10.77.1.12"),
      hearFrom("in1", outside.address),
      ping("in1", outside.address),
      hear("10.77.1.11", 80, outside.prefix),
    ]);
  expect(await heard()).toEqual(["in2", "", "silence", ""]);
  await planted(async () => {
    await inEnclosure("nft", "flush", "set", "inet", table, "internal");
    expect((await heard()).slice(0, 3)).toEqual(["in2", "10.77.1.11", "answer"]);
  });
}, 30_000);

test("what leaves has the host's address, and its own where masquerade is off", async () => {
  await network("masked", "--subnet", "10.77.1.0/24");
  await network("plain", "--subnet", "10.77.2.0/24", "-o", "com.docker.network.bridge.enable_ip_masquerade=false");
  await Promise.all([serve("veiled", "--network", "masked"), serve("bare", "--network", "plain")]);
  expect(await Promise.all([hearFrom("veiled", outside.address), hearFrom("bare", outside.address)])).toEqual([outside.host, "10.77.2.2"]);
}, 30_000);

test("--ip and --mac-address are what the interface has, at each start, and nobody else gets the address meanwhile", async () => {
  await network("fixed", "--subnet", "10.77.1.0/24", "--ip-range", "10.77.1.128/25");
  const wanted = ["--network", "fixed", "--ip", "10.77.1.200", "--mac-address", "02:42:aa:bb:cc:dd"];
  await serve("still", ...wanted);
  for (let life = 0; life < 2; life += 1) {
    expect((await seenIn("still")).links).toEqual(["eth0 10.77.1.200/24"]);
    expect(await ours("exec", "still", "cat", "/sys/class/net/eth0/address")).toBe("02:42:aa:bb:cc:dd\n");
    await ours("restart", "-t", "0", "still");
    await learn("still");
  }
  await serve("next", "--network", "fixed");
  // As in Docker the range's first address is the gateway's.
  expect(await seenIn("next")).toEqual({ links: ["eth0 10.77.1.129/24"], way: "10.77.1.128 eth0" });
  const taken = ["run", "-d", "--name", "late", "--network", "fixed", "--ip", "10.77.1.200", "busybox", "true"];
  await expectRefusal("Address already in use", ...taken);
  await expectRefusal("no configured subnet", "run", "--rm", "--network", "fixed", "--ip", "10.78.0.1", "busybox", "true");
}, 30_000);

test("a network made of a configuration has what that says, and prune takes what nobody uses", async () => {
  await ours("network", "create", "--config-only", "--subnet", "10.77.4.0/24", "--label", "from=plan", "plan");
  await ours("network", "create", "--config-from", "plan", "built");
  await network("unused");
  await serve("any", "--network", "built");
  expect((await seenIn("any")).links).toEqual(["eth0 10.77.4.2/24"]);
  await expectRefusal("configuration-only network", "run", "--rm", "--network", "plan", "busybox", "true");
  await expectRefusal('configuration network "plan" is in use', "network", "rm", "plan");
  expect(await ours("network", "prune", "-f")).toBe("Deleted Networks:\nunused\n\n");
  await removeAll("any");
  expect(await ours("network", "prune", "-f", "--filter", "label!=from=plan")).toBe("");
  expect(await ours("network", "prune", "-f")).toBe("Deleted Networks:\nbuilt\n\n");
}, 30_000);

test("a published port answers wherever the way out is, and is free when its container is gone without any network", async () => {
  await network("one", "--subnet", "10.77.1.0/24");
  await network("two", "--subnet", "10.77.2.0/24");
  const port = freePort();
  const asked = (): Promise<readonly string[]> =>
    Promise.all([hear("127.0.0.1", port, enclosure.prefix), hear(outside.host, port, outside.prefix)]);
  await serve("pub", "--network", "two", "-p", `${port}:80`);
  expect(await asked()).toEqual(["pub", "pub"]);
  await ours("network", "connect", "--gw-priority", "5", "one", "pub");
  expect((await seenIn("pub")).way).toBe("10.77.1.1 eth1");
  expect(await asked()).toEqual(["pub", "pub"]);
  await ours("network", "disconnect", "one", "pub");
  expect((await seenIn("pub")).way).toBe("10.77.2.1 eth0");
  expect(await asked()).toEqual(["pub", "pub"]);
  await ours("network", "disconnect", "two", "pub");
  expect(await asked()).toEqual(["", ""]);
  await ours("network", "connect", "one", "pub");
  expect(await asked()).toEqual(["pub", "pub"]);
  await ours("network", "disconnect", "one", "pub");
  await removeAll("pub");
  await serve("again", "--network", "one", "-p", `${port}:80`);
  expect(await asked()).toEqual(["again", "again"]);
}, 30_000);

test("20 connects and disconnects leave what was there before, and nothing of all networks here is left", async () => {
  await network("one", "--subnet", "10.77.1.0/24");
  await serve("any", "--network", "bridge");
  const connected = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ Container: "any" }) };
  const standing = await takeInventory({ place, enclosure });
  for (let round = 0; round < 20; round += 1) {
    await call(daemon, "/networks/one/connect", connected);
    // What a connection has in the kernel would be seen if it stayed.
    if (round === 0) expect((await leaksSince(standing, { place, enclosure }, 0)).length).toBeGreaterThan(0);
    await call(daemon, "/networks/one/disconnect", connected);
  }
  expect(await leaksSince(standing, { place, enclosure })).toEqual([]);
  expect((await seenIn("any")).links.length).toBe(1);
  await clear();
  expect(await leaksSince(before, { place, enclosure })).toEqual([]);
}, 30_000);

test("after kill -9 networks are as they were: who is new reaches who was there, and what was taken away meanwhile is back", async () => {
  await network("one", "--subnet", "10.77.1.0/24");
  await network("apart", "--subnet", "10.77.3.0/24", "-o", "com.docker.network.bridge.enable_icc=false");
  const port = freePort();
  await serve("old", "--network", "one", "-p", `${port}:80`);
  await ours("network", "connect", "apart", "old");
  const told = (): Promise<unknown> => Promise.all([toldOf("old"), seenIn("old"), membersOf("one"), membersOf("apart"), rules()]);
  const known = await told();
  const dead = daemon.pid;
  await daemon.kill();
  expect(await hear("127.0.0.1", port, enclosure.prefix)).toBe("old");
  await inEnclosure("nft", "flush", "set", "inet", table, "masked");
  await inEnclosure("ip", "link", "delete", await bridgeOf("10.77.3.1"));
  await daemon.start();
  expect(await told()).toEqual(known);
  await serve("new", "--network", "one");
  expect((await seenIn("new")).links).toEqual(["eth0 10.77.1.3/24"]);
  expect(await Promise.all([hearFrom("new", "10.77.1.2"), hearFrom("old", "10.77.1.3"), ping("old", "10.77.3.1")])).toEqual([
    "old",
    "new",
    "answer",
  ]);
  await ours("network", "disconnect", "apart", "old");
  expect((await seenIn("old")).links).toEqual(["eth0 10.77.1.2/24"]);
  await clear();
  const renamed = ([thing, count]: readonly [string, number]): [string, number] => [
    thing.replace(`process ${dead} `, `process ${daemon.pid} `),
    count,
  ];
  expect(await leaksSince(new Map([...before].map(renamed)), { place, enclosure })).toEqual([]);
}, 30_000);

test("a connect or disconnect that kill -9 cuts off has happened or not: inspect and the container agree, and it can be asked for again", async () => {
  await network("one", "--subnet", "10.77.1.0/24");
  await network("two", "--subnet", "10.77.2.0/24");
  await serve("cut", "--network", "one");
  const asked = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ Container: "cut" }) };
  const hasLink = (): boolean => readFileSync(`/proc/${pids.get("cut")}/net/dev`, "utf8").includes("eth1:");
  for (const verb of ["connect", "disconnect"]) {
    const cut = Promise.allSettled([daemon.request(`/networks/two/${verb}`, asked)]);
    // At the instant when the kernel has done it and the daemon has not written it down.
    await waitFor(() => hasLink() === (verb === "connect"), { what: `interface at a ${verb}`, every: 0 });
    await daemon.kill();
    await cut;
    await daemon.start();
    await daemon.gantry(["network", verb, "two", "cut"]);
    expect(Object.keys(await toldOf("cut"))).toEqual(verb === "connect" ? ["one", "two"] : ["one"]);
    expect((await seenIn("cut")).links.length).toBe(verb === "connect" ? 2 : 1);
  }
}, 30_000);

/** What our command line prints. @throws when it fails */
function ours(...args: readonly string[]): Promise<string> {
  return daemon.gantry(args).then(({ code, stdout, stderr }) => {
    if (code !== 0) throw new Error(`gantry ${args.join(" ")}: exit code ${code}\n${stderr}`);
    return stdout;
  });
}

async function expectRefusal(reason: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await daemon.gantry(args);
  expect({ code: code !== 0, stderr }).toEqual({ code: true, stderr: expect.stringContaining(reason) });
}

const network = (name: string, ...flags: readonly string[]): Promise<string> => ours("network", "create", ...flags, name);

/** A container that says its name to whoever connects to its port 80. */
async function serve(name: string, ...flags: readonly string[]): Promise<void> {
  await ours("run", "-d", "--name", name, "-h", name, ...flags, "busybox", "nc", "-ll", "-p", "80", "-e", "hostname");
  await listens(name);
}

/** Waits for its server. */
async function listens(name: string): Promise<void> {
  await learn(name);
  await waitFor(async () => (await hearFrom(name, "127.0.0.1")) === name, { what: `server in ${name}` });
}

async function learn(name: string): Promise<void> {
  pids.set(name, (await inspect(daemon, name)).State.Pid);
}

/** Removes all containers and networks of a test; configurations after what was made of them. */
async function clear(): Promise<void> {
  await removeAll(...(await list(daemon, true)));
  const reply = await call(daemon, `/networks?filters=${JSON.stringify({ type: ["custom"] })}`);
  const networks = (await reply.json()) as readonly { readonly Id: string; readonly ConfigOnly: boolean }[];
  for (const { Id } of networks.toSorted((one, other) => Number(one.ConfigOnly) - Number(other.ConfigOnly)))
    await (await call(daemon, `/networks/${Id}`, { method: "DELETE" })).body?.cancel();
}

async function removeAll(...names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => removeForced(daemon, name)));
}

/** Goes before a command that shall run in the container's network. */
function inside(name: string): readonly string[] {
  return ["nsenter", `--net=/proc/${pids.get(name)}/ns/net`, "--"];
}

function hearFrom(name: string, address: string): Promise<string> {
  return hear(address, 80, inside(name));
}

async function ping(name: string, address: string): Promise<"answer" | "silence"> {
  const { code } = await run([...inside(name), "busybox", "ping", "-c1", "-W1", address]);
  return code === 0 ? "answer" : "silence";
}

interface Interface {
  readonly ifname: string;
  readonly addr_info: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[];
}

interface Route {
  readonly gateway: string;
  readonly dev: string;
}

/** Interfaces with their addresses, and the way out, as processes of the container have them. */
async function seenIn(name: string): Promise<{ readonly links: readonly string[]; readonly way: string }> {
  const [links, routes] = await Promise.all([
    succeed([...inside(name), "ip", "-json", "-4", "address"]),
    succeed([...inside(name), "ip", "-json", "-4", "route", "show", "default"]),
  ]);
  return {
    links: (JSON.parse(links) as Interface[])
      .filter(({ ifname }) => ifname !== "lo")
      .flatMap(({ ifname, addr_info }) => addr_info.map(({ local, prefixlen }) => `${ifname} ${local}/${prefixlen}`)),
    way: (JSON.parse(routes) as Route[]).map(({ gateway, dev }) => `${gateway} ${dev}`).join(),
  };
}

/** Address and gateway by network, as inspect tells them of a container. */
async function toldOf(name: string): Promise<Readonly<Record<string, string>>> {
  interface Told {
    readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string; readonly Gateway: string }>> };
  }
  const { NetworkSettings } = (await (await call(daemon, `/containers/${name}/json`)).json()) as Told;
  return Object.fromEntries(Object.entries(NetworkSettings.Networks).map(([key, at]) => [key, `${at.IPAddress} ${at.Gateway}`]));
}

/** Addresses by container, as inspect tells them of a network. */
async function membersOf(name: string): Promise<Readonly<Record<string, string>>> {
  interface Told {
    readonly Containers: Readonly<Record<string, { readonly Name: string; readonly IPv4Address: string }>>;
  }
  const { Containers } = (await (await call(daemon, `/networks/${name}`)).json()) as Told;
  return Object.fromEntries(Object.values(Containers).map(({ Name, IPv4Address }) => [Name, IPv4Address]));
}

function inEnclosure(...command: readonly string[]): Promise<string> {
  return succeed([...enclosure.prefix, ...command]);
}

const rules = (): Promise<string> => inEnclosure("nft", "list", "table", "inet", table);

/** The bridge with that address. */
async function bridgeOf(gateway: string): Promise<string> {
  const links = JSON.parse(await inEnclosure("ip", "-json", "-4", "address")) as Interface[];
  return links.find(({ addr_info }) => addr_info.some(({ local }) => local === gateway))?.ifname ?? "";
}

/** Takes something away while the daemon is held, so that it mends nothing meanwhile; then it does. */
async function planted(body: () => Promise<void>): Promise<void> {
  const whole = await rules();
  process.kill(daemon.pid, "SIGSTOP");
  try {
    await body();
  } finally {
    process.kill(daemon.pid, "SIGCONT");
  }
  await waitFor(async () => (await rules()) === whole, { what: "rules as they were" });
}
