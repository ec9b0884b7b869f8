// What goes on in containers, over the API of a real daemon: pause and unpause, top, stats.
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { call, create, inspect, removeForced, startNew, stdoutOf, wait } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { waitFor } from "../support/wait-for.ts";

let daemon: TestDaemon;

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
});

const quiet = { NetworkMode: "none" };
const busy = { Cmd: ["sh", "-c", "while :; do :; done"], HostConfig: quiet };

async function post(path: string): Promise<[status: number, message: string]> {
  const reply = await daemon.request(path, { method: "POST" });
  const text = await reply.text();
  return [reply.status, text === "" ? "" : String((JSON.parse(text) as { readonly message?: string }).message)];
}

/** The folders of the container's control groups, by controller; version 2 has one, by "". */
async function groupFolders(id: string): Promise<ReadonlyMap<string, string>> {
  const { Pid } = (await inspect(daemon, id)).State;
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const lines = readFileSync(`/proc/${Pid}/cgroup`, "utf8").trimEnd().split("\n");
  return new Map(
    lines.flatMap((line) => {
      const [, names = "", path = ""] = line.split(":");
      return names.split(",").flatMap((name): [string, string][] => {
        const found = mounts
          .map((mount) => mount.split(" "))
          .find(([, , type, options = ""]) => (name === "" ? type === "cgroup2" : type === "cgroup" && options.split(",").includes(name)));
        return found?.[1] === undefined ? [] : [[name, `${found[1]}${path}`]];
      });
    }),
  );
}

/** A container that works and ends with 5 when it is asked to; resolves when it listens. */
async function startObedient(name = ""): Promise<string> {
  const script = "trap 'exit 5' TERM; echo ready; while :; do :; done";
  const id = await startNew(daemon, { Cmd: ["sh", "-c", script], HostConfig: quiet }, name);
  await waitFor(async () => (await stdoutOf(daemon, id)) === "ready\n", { what: "trap of the container" });
  return id;
}

interface Stats {
  readonly read: string;
  readonly preread: string;
  readonly pids_stats: { readonly current: number; readonly limit?: number };
  readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number }; readonly system_cpu_usage: number };
  readonly precpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
  readonly memory_stats: { readonly usage: number; readonly limit: number; readonly stats: Readonly<Record<string, number>> };
  readonly networks?: { readonly eth0?: { readonly rx_bytes: number; readonly tx_bytes: number } };
}

async function statsNow(id: string): Promise<Stats> {
  return (await (await call(daemon, `/containers/${id}/stats?stream=false&one-shot=true`)).json()) as Stats;
}

describe("stats", () => {
  test("are what the control groups say at that moment", async () => {
    const id = await startNew(daemon, {
      Cmd: ["sh", "-c", "head -c 20000000 /dev/zero >/full; while :; do :; done"],
      HostConfig: { Memory: 64 << 20, PidsLimit: 40 },
    });
    const folders = await groupFolders(id);
    const file = (controller: string, name: string): string =>
      readFileSync(`${folders.get(controller) ?? folders.get("")}/${name}`, "utf8");
    const isFirst = folders.has("memory");
    const cpu = (): number =>
      isFirst ? Number(file("cpuacct", "cpuacct.usage")) : 1000 * Number(/^usage_usec (\d+)/.exec(file("", "cpu.stat"))?.[1]);
    const memory = (): number => Number(file("memory", isFirst ? "memory.usage_in_bytes" : "memory.current"));
    const sent = async (): Promise<number> => {
      const { Pid } = (await inspect(daemon, id)).State;
      return Number(/eth0:\s*(?:\d+\s+){8}(\d+)/.exec(readFileSync(`/proc/${Pid}/net/dev`, "utf8"))?.[1]);
    };
    await waitFor(() => memory() > 20_000_000 && Number(file("pids", "pids.current")) === 1, { what: "the file in memory" });
    // The kernel counts memory in steps of 64 pages a CPU, whenever it likes.
    const before = { cpu: cpu(), sent: await sent(), held: memory() };
    const stats = await statsNow(id);
    const after = { cpu: cpu(), sent: await sent(), held: memory() };
    expect(stats.cpu_stats.cpu_usage.total_usage).toBeWithin(before.cpu, after.cpu + 1);
    expect(stats.networks?.eth0?.tx_bytes).toBeWithin(before.sent, after.sent + 1);
    expect(stats.memory_stats.usage).toBeWithin(0.99 * Math.min(before.held, after.held), 1.01 * Math.max(before.held, after.held));
    expect([stats.memory_stats.limit, stats.pids_stats]).toEqual([64 << 20, { current: 1, limit: 40 }]);
    await removeForced(daemon, id);
  });

  test("come every second, each with the one before, until the container is removed", async () => {
    const id = await startNew(daemon, busy);
    const reply = await call(daemon, `/containers/${id}/stats`);
    let text = "";
    for await (const chunk of reply.body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (text.split("\n").length > 2) await removeForced(daemon, id);
    }
    const [first, second] = text.split("\n").map((line) => (line === "" ? undefined : (JSON.parse(line) as Stats)));
    expect(first?.preread).toBe("0001-01-01T00:00:00Z");
    expect(second?.preread).toBe(first?.read ?? "");
    expect(second?.precpu_stats.cpu_usage).toEqual(first?.cpu_stats.cpu_usage);
    expect(second?.cpu_stats.cpu_usage.total_usage).toBeGreaterThan(first?.cpu_stats.cpu_usage.total_usage ?? Infinity);
    expect(Date.parse(second?.read ?? "") - Date.parse(first?.read ?? "")).toBeGreaterThan(900);
  });
});

describe("pause", () => {
  test("stops the work at once, and unpause lets it go on as the same process", async () => {
    const id = await startNew(daemon, busy, "stilled");
    const { Pid } = (await inspect(daemon, id)).State;
    expect(await post(`/containers/${id}/pause`)).toEqual([204, ""]);
    const reply = await call(daemon, `/containers/${id}/stats?stream=false`);
    const { cpu_stats, precpu_stats } = (await reply.json()) as Stats;
    expect(cpu_stats.cpu_usage).toEqual(precpu_stats.cpu_usage);
    expect((await inspect(daemon, id)).State).toMatchObject({ Status: "paused", Running: true, Paused: true, Pid });
    expect(await post(`/containers/${id}/pause`)).toEqual([409, `Container ${id} is already paused`]);
    expect(await post(`/containers/${id}/start`)).toEqual([409, "cannot start a paused container, try unpause instead"]);
    const exec = await daemon.request("/containers/stilled/exec", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ Cmd: ["true"] }),
    });
    expect([exec.status, await exec.text()]).toEqual([
      409,
      '{"message":"Container stilled is paused, unpause the container before exec"}\n',
    ]);
    const attach = await daemon.request("/containers/stilled/attach?stream=1&stdout=1", { method: "POST" });
    expect([attach.status, await attach.text()]).toEqual([409, "container stilled is paused, unpause the container before attach\r\n"]);
    expect(await post(`/containers/${id}/unpause`)).toEqual([204, ""]);
    expect(await post(`/containers/${id}/unpause`)).toEqual([500, `Container ${id} is not paused`]);
    const before = (await statsNow(id)).cpu_stats.cpu_usage.total_usage;
    await waitFor(async () => (await statsNow(id)).cpu_stats.cpu_usage.total_usage > before, { what: "work after the pause" });
    expect((await inspect(daemon, id)).State).toMatchObject({ Status: "running", Pid });
    await removeForced(daemon, id);
  });

  test("keeps nobody from ending the container: kill, stop, rm by force", async () => {
    for (const { path, method, code } of [
      { path: "kill", method: "POST", code: 137 },
      { path: "kill?signal=TERM", method: "POST", code: 5 },
      { path: "stop?t=20", method: "POST", code: 5 },
    ]) {
      const id = await startObedient();
      await post(`/containers/${id}/pause`);
      expect((await daemon.request(`/containers/${id}/${path}`, { method })).status).toBe(204);
      expect(await wait(daemon, id)).toBe(code);
      await removeForced(daemon, id);
    }
    const id = await startNew(daemon, busy);
    await post(`/containers/${id}/pause`);
    const kept = await daemon.request(`/containers/${id}`, { method: "DELETE" });
    expect([kept.status, await kept.text()]).toEqual([
      409,
      expect.stringMatching(
        /^\{"message":"cannot remove container \\"\w+\\": container is paused and must be unpaused first"\}\n$/,
      ) as unknown as string,
    ]);
    await removeForced(daemon, id);
    expect((await daemon.request(`/containers/${id}/json`)).status).toBe(404);
  });

  test("of many at once, over and over, beside their ends, never leaves one that cannot be ended", async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => startNew(daemon, busy)));
    await Promise.all(
      ids.map(async (id, index) => {
        for (let round = 0; round < 5; round += 1) {
          await Promise.all([post(`/containers/${id}/pause`), post(`/containers/${id}/unpause`), post(`/containers/${id}/pause`)]);
        }
        if (index % 2 === 0) await Promise.all([post(`/containers/${id}/kill`), post(`/containers/${id}/pause`)]);
        await removeForced(daemon, id);
      }),
    );
  });

  test("announces itself, and the unpause of a stop", async () => {
    const reply = await call(daemon, `/events?filters=${encodeURIComponent('{"container":["told"]}')}`);
    const id = await startObedient("told");
    await post(`/containers/${id}/pause`);
    await post(`/containers/${id}/unpause`);
    await call(daemon, `/containers/${id}/top`);
    await post(`/containers/${id}/pause`);
    await post(`/containers/${id}/stop?t=20`);
    await removeForced(daemon, id);
    let text = "";
    for await (const chunk of reply.body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (text.includes('"destroy"')) break;
    }
    const actions = text
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { readonly Action: string }).Action);
    const pair = actions.splice(actions.indexOf("unpause", 6) + 1, 2);
    expect(actions).toEqual(["create", "start", "pause", "unpause", "top", "pause", "kill", "unpause", "destroy"]);
    expect(pair.toSorted()).toEqual(["die", "stop"]);
  });

  test("outlives kill -9 of the daemon; a pause that is no longer one is seen", async () => {
    const [kept, thawed] = await Promise.all([startNew(daemon, busy), startNew(daemon, busy)]);
    for (const id of [kept, thawed]) await post(`/containers/${id}/pause`);
    const folders = await groupFolders(thawed);
    await daemon.kill();
    const freezer = folders.get("freezer");
    // As after an unpause that a crash cut off.
    writeFileSync(
      freezer === undefined ? `${folders.get("")}/cgroup.freeze` : `${freezer}/freezer.state`,
      freezer === undefined ? "0" : "THAWED",
    );
    await daemon.start();
    expect((await inspect(daemon, kept)).State.Status).toBe("paused");
    expect((await inspect(daemon, thawed)).State.Status).toBe("running");
    expect(await post(`/containers/${kept}/unpause`)).toEqual([204, ""]);
    const before = (await statsNow(kept)).cpu_stats.cpu_usage.total_usage;
    await waitFor(async () => (await statsNow(kept)).cpu_stats.cpu_usage.total_usage > before, { what: "work after the pause" });
    await Promise.all([removeForced(daemon, kept), removeForced(daemon, thawed)]);
  });
});

describe("top", () => {
  const top = async (id: string, psArguments = ""): Promise<{ readonly Titles: string[]; readonly Processes: string[][] | null }> =>
    (await (await call(daemon, `/containers/${id}/top?ps_args=${encodeURIComponent(psArguments)}`)).json()) as never;

  test("tells of the container's processes alone, with the host's numbers, also while it is paused", async () => {
    const id = await startNew(daemon, { Cmd: ["sh", "-c", "sleep 1001 & sleep 1002"], HostConfig: quiet });
    const pid = String((await inspect(daemon, id)).State.Pid);
    // The shell runs itself anew under the name "exe", which only then becomes that of the applet.
    const names = async (): Promise<readonly (string | undefined)[]> =>
      ((await top(id, "-eo pid,comm")).Processes ?? []).map(([, name]) => name);
    await waitFor(async () => (await names()).join() === "sleep,sleep", { what: "both processes" });
    const { Titles, Processes } = await top(id);
    expect(Titles).toEqual(["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]);
    expect(Processes?.map((fields) => fields.at(-1))).toEqual(["sleep 1002", "sleep 1001"]);
    expect(Processes?.[0]?.[1]).toBe(pid);
    await post(`/containers/${id}/pause`);
    expect((await top(id, "-eo pid,comm")).Processes).toEqual([
      [pid, "sleep"],
      [expect.any(String) as unknown as string, "sleep"],
    ]);
    expect((await top(id, "aux")).Processes?.length).toBe(2);
    await removeForced(daemon, id);
  });

  test("never runs the container's ps", async () => {
    const script =
      "printf '#!/bin/sh\\ntouch /ran\\n' >/bin/trojan; chmod +x /bin/trojan; for f in /bin/ps /usr/bin/ps; do mkdir -p ${f%/*}; cp -f /bin/trojan $f; done; sleep 1003";
    const id = await startNew(daemon, { Cmd: ["sh", "-c", script], HostConfig: quiet });
    await waitFor(async () => (await top(id)).Processes?.some((fields) => fields.at(-1) === "sleep 1003"), { what: "the trap" });
    const { Pid } = (await inspect(daemon, id)).State;
    expect(() => readFileSync(`/proc/${Pid}/root/ran`)).toThrow("ENOENT");
    expect(readFileSync(`/proc/${Pid}/root/usr/bin/ps`, "utf8")).toContain("touch /ran");
    await removeForced(daemon, id);
  });

  test.each([
    ["-o cmd", 500, "Couldn't find PID field in ps output"],
    ["--nonsense", 500, "ps: error: unknown gnu long option"],
    ["-o uid=PID", 500, 'specifying "uid=PID" is not allowed'],
    ["f", 500, "ps: exit status 1"],
    ["a\0b", 500, "ps: invalid argument"],
  ])("with the arguments %j is refused", async (psArguments, status, message) => {
    const id = await startNew(daemon, busy);
    const reply = await daemon.request(`/containers/${id}/top?ps_args=${encodeURIComponent(psArguments)}`);
    expect([reply.status, ((await reply.json()) as { readonly message: string }).message]).toEqual([status, message]);
    await removeForced(daemon, id);
  });

  test("of a container that does not run is refused", async () => {
    const id = await create(daemon, busy);
    const reply = await daemon.request(`/containers/${id}/top`);
    expect([reply.status, await reply.json()]).toEqual([409, { message: `container ${id} is not running` }]);
    await removeForced(daemon, id);
  });
});
