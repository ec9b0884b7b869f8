// What daemon.json says about containers, seen from inside them; and what they get when it says nothing.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { call, create, inspect, removeForced, startNew, stdoutOf, wait } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { makePlace, type TestPlace } from "../support/test-place.ts";
import { waitFor } from "../support/wait-for.ts";

setDefaultTimeout(60_000);

/** What a shell in a new container says. */
async function said(daemon: TestDaemon, script: string, host: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const id = await startNew(daemon, { Cmd: ["sh", "-c", script], HostConfig: host });
  await wait(daemon, id);
  const text = await stdoutOf(daemon, id);
  await removeForced(daemon, id);
  return text;
}

async function json(daemon: TestDaemon, path: string): Promise<Record<string, never>> {
  return (await (await call(daemon, path)).json()) as Record<string, never>;
}

async function refusal(daemon: TestDaemon, host: Readonly<Record<string, unknown>>): Promise<string> {
  return create(daemon, { Cmd: ["true"], HostConfig: host }).catch((error: unknown) => String(error));
}

const privileges = "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status | tr -s '[:space:]' ' '";

/** A runtime of the operator's own: crun or runc, and a note of each call. */
function wrapperRuntime(place: TestPlace): string {
  const path = `${place.home}/wrapper`;
  writeFileSync(path, `#!/bin/sh\necho "$@" >> ${place.home}/calls\nexec runc "$@"\n`, { mode: 0o755 });
  return path;
}

describe("a daemon that was told about containers", () => {
  const held = new AsyncDisposableStack();
  let daemon: TestDaemon;

  beforeAll(async () => {
    const place = makePlace();
    const network = place.bip.replace("1/24", "0/24");
    daemon = held.use(
      await startDaemon({
        place,
        enclosed: true,
        config: {
          "no-new-privileges": true,
          "seccomp-profile": "unconfined",
          "default-ulimits": { nofile: { Name: "nofile", Soft: 100, Hard: 200 } },
          "default-shm-size": "3M",
          "default-ipc-mode": "shareable",
          "default-cgroupns-mode": "private",
          "default-stop-timeout": 0,
          "log-opts": { "max-size": "16k", "max-file": "3" },
          runtimes: { wrapped: { path: wrapperRuntime(place), runtimeArgs: [] } },
          labels: ["role=test"],
          mtu: 1400,
          icc: false,
          ip: "127.0.0.1",
          "fixed-cidr": network.replace("0/24", "64/28"),
          "default-gateway": network.replace("0/24", "9"),
          dns: ["192.0.2.7"],
          "dns-search": ["a.example", "b.example"],
          "dns-opts": ["ndots:3"],
          "min-api-version": "1.44",
          experimental: true,
        },
      }),
    );
    await loadImage(daemon.place.socket, "busybox");
  });
  afterAll(() => held.disposeAsync());

  test("H06, H25: gives them its privileges, limits, memory and namespace", async () => {
    expect(await said(daemon, privileges)).toBe("NoNewPrivs: 1 Seccomp: 0 ");
    expect(await said(daemon, privileges, { SecurityOpt: ["no-new-privileges:false"] })).toBe("NoNewPrivs: 0 Seccomp: 0 ");
    expect(await said(daemon, "ulimit -Sn; ulimit -Hn; df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2")).toBe("100\n200\n3072\n");
    expect(await said(daemon, "ulimit -Hn", { Ulimits: [{ Name: "nofile", Soft: 64, Hard: 80 }] })).toBe("80\n");
    expect(await said(daemon, "cut -d: -f3 /proc/self/cgroup | sort -u")).toBe("/\n");
  });

  test("H06: sets the bit for exec too", async () => {
    const id = await startNew(daemon, { Cmd: ["sleep", "1000"] });
    expect((await daemon.gantry(["exec", id, "grep", "NoNewPrivs", "/proc/self/status"])).stdout).toBe("NoNewPrivs:\t1\n");
    const began = performance.now();
    await (await call(daemon, `/containers/${id}/stop`, { method: "POST" })).body?.cancel();
    expect((await inspect(daemon, id)).State.ExitCode).toBe(137);
    expect(performance.now() - began).toBeLessThan(8_000);
    await removeForced(daemon, id);
  });

  test("writes them into the container, where inspect shows them", async () => {
    const id = await create(daemon, { Cmd: ["true"] });
    expect((await json(daemon, `/containers/${id}/json`))["HostConfig"]).toMatchObject({
      ShmSize: 3 << 20,
      IpcMode: "shareable",
      CgroupnsMode: "private",
      LogConfig: { Type: "json-file", Config: { "max-size": "16k", "max-file": "3" } },
      Ulimits: [{ Name: "nofile", Hard: 200, Soft: 100 }],
    });
    await removeForced(daemon, id);
  });

  test("tells of itself in info, and in the headers", async () => {
    const info = await json(daemon, "/info");
    expect(info).toMatchObject({ Labels: ["role=test"], ExperimentalBuild: true, LoggingDriver: "json-file" });
    expect(info["Runtimes"]).toHaveProperty("wrapped");
    expect(info["SecurityOptions"]).toContain("name=seccomp,profile=unconfined" as never);
    const old = await daemon.request("/v1.43/version");
    expect([old.status, await old.json()]).toEqual([
      400,
      {
        message: "client version 1.43 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
      },
    ]);
    const reply = await daemon.request("/v1.44/version");
    expect([reply.headers.get("docker-experimental"), await reply.json()]).toMatchObject(["true", { MinAPIVersion: "1.44" }]);
  });

  test("gives them its network: packet size, part of the subnet, gateway, name servers", async () => {
    const text = await said(
      daemon,
      "cat /sys/class/net/eth0/mtu; ip -4 -o addr show eth0 | cut -d' ' -f7; ip route | head -1 | cut -d' ' -f3",
    );
    const [mtu, address = "", gateway = ""] = text.trim().split("\n");
    const prefix = daemon.place.bip.replace("1/24", "");
    expect([mtu, gateway]).toEqual(["1400", `${prefix}9`]);
    const last = Number(address.replace("/24", "").slice(prefix.length));
    expect(last).toBeGreaterThanOrEqual(64);
    expect(last).toBeLessThan(80);
    expect((await said(daemon, "grep -v '^#' /etc/resolv.conf")).trim()).toBe(
      "nameserver 192.0.2.7\nsearch a.example b.example\noptions ndots:3",
    );
  });

  test("H19: keeps them from each other, over the bridge and over published ports", async () => {
    const web = await startNew(daemon, {
      Cmd: ["httpd", "-f", "-h", "/etc"],
      HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "8099" }] } },
    });
    const { NetworkSettings: settings } = (await json(daemon, `/containers/${web}/json`)) as unknown as {
      NetworkSettings: { Networks: { bridge: { IPAddress: string } }; Ports: unknown };
    };
    expect(settings.Ports).toEqual({ "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8099" }] });
    const gateway = daemon.place.bip.replace("/24", "");
    const ask = (address: string): string => `timeout 2 wget -q -O - http://${address}/hostname >/dev/null 2>&1; echo $?`;
    const address = settings.Networks.bridge.IPAddress;
    await waitFor(
      async () => (await daemon.run(["perl", "-MIO::Socket::INET", "-e", `exit !IO::Socket::INET->new("127.0.0.1:8099")`])).code === 0,
      {
        what: "answer on the published port",
      },
    );
    expect(await said(daemon, ask(address))).not.toBe("0\n");
    expect(await said(daemon, ask(`${gateway}:8099`))).not.toBe("0\n");
    await removeForced(daemon, web);
  });

  test("F13: runs a registered runtime by its name, and nothing by a path", async () => {
    expect(await said(daemon, "echo hello", { Runtime: "wrapped" })).toBe("hello\n");
    const calls = await Bun.file(`${daemon.place.home}/calls`).text();
    for (const verb of ["create", "start", "delete"]) expect(calls).toContain(` ${verb} `);
    for (const name of ["/opt/evil", "../x", "wrapped/../crun", "nothing"])
      expect(await refusal(daemon, { Runtime: name })).toContain(`unknown or invalid runtime name: ${name}`);
    const id = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: { Runtime: "wrapped" } });
    await daemon.kill();
    await daemon.start();
    expect((await daemon.gantry(["exec", id, "echo", "again"])).stdout).toBe("again\n");
    await removeForced(daemon, id);
  });

  test("H24: puts a log away when it is full, keeps what it was told to keep, and loses nothing of that", async () => {
    const id = await startNew(daemon, { Cmd: ["sh", "-c", "i=0; while [ $i -lt 4000 ]; do echo line $i; i=$((i+1)); done; sleep 1000"] });
    const { LogPath: path } = (await json(daemon, `/containers/${id}/json`)) as unknown as { LogPath: string };
    const files = (): readonly string[] => readdirSync(dirname(path)).filter((name) => /^log(\.\d+)?$/.test(name));
    await waitFor(() => files().length > 1 && (statSync(path, { throwIfNoEntry: false })?.size ?? 1) === 0, { what: "rotation" });
    await (await call(daemon, `/containers/${id}/kill`, { method: "POST" })).body?.cancel();
    await wait(daemon, id);
    expect(files().length).toBeLessThanOrEqual(3);
    const lines = (await stdoutOf(daemon, id)).trim().split("\n");
    expect(lines.at(-1)).toBe("line 3999");
    expect(lines).toEqual(lines.map((_, index) => `line ${4000 - lines.length + index}`));
    await removeForced(daemon, id);
  });

  test("keeps no log for a container that wants none", async () => {
    const id = await startNew(daemon, { Cmd: ["echo", "unheard"], HostConfig: { LogConfig: { Type: "none" } } });
    await wait(daemon, id);
    const reply = await daemon.request(`/containers/${id}/logs?stdout=1`);
    expect([reply.status, await reply.json()]).toEqual([501, { message: "configured logging driver does not support reading" }]);
    await removeForced(daemon, id);
    expect(await refusal(daemon, { LogConfig: { Type: "json-file", Config: { foo: "bar" } } })).toContain(
      "unknown log opt 'foo' for json-file log driver",
    );
  });
});

describe("seccomp-profile", () => {
  test("takes a file in Docker's format for every runtime, and stops the start where it is none", async () => {
    const place = makePlace();
    const path = `${place.home}/profile.json`;
    const profile = {
      defaultAction: "SCMP_ACT_ALLOW",
      archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
      syscalls: [
        { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38, excludes: { caps: ["CAP_SYS_ADMIN"] } },
        { names: ["read"], action: "SCMP_ACT_ALLOW" },
      ],
    };
    writeFileSync(path, JSON.stringify(profile));
    await using daemon = await startDaemon({ place, enclosed: true, config: { "seccomp-profile": path } });
    await loadImage(daemon.place.socket, "busybox");
    const info = await json(daemon, "/info");
    expect(info["SecurityOptions"]).toContain(`name=seccomp,profile=${path}` as never);
    for (const Runtime of Object.keys(info["Runtimes"] ?? {})) {
      expect(await said(daemon, "mkdir /x 2>&1; true", { Runtime })).toContain("Function not implemented");
      expect(await said(daemon, "mkdir /x && echo made", { Runtime, CapAdd: ["SYS_ADMIN"] })).toBe("made\n");
    }
    await daemon.terminate();
    writeFileSync(path, '{"defaultAction":"SCMP_ACT_NOTHING"}');
    const refused = await daemon.start().catch((error: unknown) => String(error));
    expect(refused).toContain(`opening seccomp profile (${path}) failed: string SCMP_ACT_NOTHING is not a valid action for seccomp`);
    writeFileSync(path, JSON.stringify(profile));
    await daemon.start();
  });
});

describe("cgroup-parent", () => {
  test("holds containers below it and the daemon beside it, and stays while containers run", async () => {
    const place = makePlace();
    const parent = `${place.token}-limits/deep`;
    await using daemon = await startDaemon({ place, enclosed: true, config: { "cgroup-parent": `/${parent}` } });
    await loadImage(daemon.place.socket, "busybox");
    const id = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: { Memory: 64 << 20 } });
    const groupsOf = (pid: number): string => readFileSync(`/proc/${pid}/cgroup`, "utf8");
    expect(groupsOf((await inspect(daemon, id)).State.Pid)).toContain(`:/${parent}/gantry-`);
    await waitFor(() => groupsOf(daemon.pid).includes(`-${place.token}`), { what: "group of the daemon" });
    expect(groupsOf(daemon.pid)).not.toContain(parent);

    await daemon.terminate();
    await daemon.configure("{}");
    const refused = await daemon.start().catch((error: unknown) => String(error));
    expect(refused).toContain(`cgroup-parent: containers run below /${parent}/gantry-`);
    await daemon.configure(JSON.stringify({ "cgroup-parent": parent }));
    await daemon.start();
    expect((await inspect(daemon, id)).State.Running).toBe(true);
    await removeForced(daemon, id);
    await daemon.terminate();
    await daemon.configure("{}");
    await daemon.start();
    const moved = await startNew(daemon, { Cmd: ["sleep", "1000"] });
    expect(groupsOf((await inspect(daemon, moved)).State.Pid)).not.toContain(parent);
    await removeForced(daemon, moved);
  });
});

describe("a daemon that was told nothing, or to leave the kernel's rules alone", () => {
  test("H06, H24, H25: has Docker's defaults, and rotates logs", async () => {
    await using daemon = await startDaemon({ enclosed: true });
    await loadImage(daemon.place.socket, "busybox");
    expect(await said(daemon, privileges)).toBe("NoNewPrivs: 0 Seccomp: 2 ");
    expect(await said(daemon, privileges, { SecurityOpt: ["no-new-privileges"] })).toBe("NoNewPrivs: 1 Seccomp: 2 ");
    const [soft, hard] = (await said(daemon, "ulimit -Sn; ulimit -Hn")).trim().split("\n");
    const own = /^Max open files +\d+ +(\d+)/m.exec(readFileSync(`/proc/${daemon.pid}/limits`, "utf8"))?.[1];
    // A daemon that may not raise its own limit gives what it has.
    const given = Number(own) < 524_288 && hard === own ? own : "524288";
    expect([soft, hard]).toEqual(["1024", given]);
    expect((await json(daemon, "/info"))["LiveRestoreEnabled"]).toBe(true as never);
  });

  test("puts no table with iptables false, takes an earlier one away, and publishes nothing", async () => {
    await using daemon = await startDaemon({ enclosed: true });
    await loadImage(daemon.place.socket, "busybox");
    const tables = (): Promise<string> => daemon.run(["nft", "list", "tables"]).then(({ stdout }) => stdout);
    expect(await tables()).toContain("gantry");
    await daemon.terminate();
    await daemon.configure('{"iptables":false}');
    await daemon.start();
    expect(await tables()).not.toContain("gantry");
    expect(await said(daemon, "cat /sys/class/net/eth0/mtu")).toBe("1500\n");
    const id = await create(daemon, { Cmd: ["true"], HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "8098" }] } } });
    const reply = await daemon.request(`/containers/${id}/start`, { method: "POST" });
    expect([reply.status, await reply.text()]).toEqual([501, expect.stringContaining("is false, and there are no rules without it")]);
  });
});
