// What `run` can say of a container's walls, proven by what a process inside sees. The walls that nobody asks for are hardening-walls'.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chownSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Output } from "../support/command.ts";
import type { TestDaemon } from "../support/daemon.ts";
import { plantImage } from "../support/planted-image.ts";
import { type SettledDaemon, startSettledDaemon } from "../support/settled-daemon.ts";
import { waitFor } from "../support/wait-for.ts";

setDefaultTimeout(60_000);

const held = new AsyncDisposableStack();
let settled: SettledDaemon;
let daemon: TestDaemon;

beforeAll(async () => {
  settled = held.use(await startSettledDaemon());
  ({ daemon } = settled);
}, 60_000);
afterAll(() => held.disposeAsync(), 60_000);

const run = (...args: readonly string[]): Promise<Output> => daemon.gantry(["run", "--rm", ...args]);
const inside = async (script: string, ...flags: readonly string[]): Promise<string> =>
  (await run(...flags, "busybox", "sh", "-c", script)).stdout;
const status = (field: string, ...flags: readonly string[]): Promise<string> =>
  inside(`grep ^${field}: /proc/self/status | cut -f2`, ...flags);
const create = async (HostConfig: object): Promise<readonly [number, string]> => {
  const body = JSON.stringify({ Image: "busybox", Cmd: ["true"], HostConfig });
  const reply = await daemon.request("/containers/create", { method: "POST", body, headers: { "content-type": "application/json" } });
  return [reply.status, ((await reply.json()) as { readonly message?: string }).message ?? ""];
};

describe("--security-opt", () => {
  const profile = (...more: readonly object[]): string => {
    const path = join(daemon.place.home, "profile.json");
    const syscalls = [
      { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38, excludes: { caps: ["CAP_NET_ADMIN"] } },
      { names: ["chdir"], action: "SCMP_ACT_ERRNO", includes: { minKernel: "99.0" } },
    ];
    writeFileSync(path, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [...syscalls, ...more] }));
    return path;
  };

  test("seccomp: the built-in filter, none, or the file's, which asks for capabilities and kernel", async () => {
    expect(await status("Seccomp")).toBe("2\n");
    expect(await status("Seccomp", "--security-opt", "seccomp=builtin")).toBe("2\n");
    expect(await status("Seccomp", "--security-opt", "seccomp=unconfined")).toBe("0\n");
    expect(await status("Seccomp", "--privileged")).toBe("0\n");
    const own = `seccomp=${profile()}`;
    const script = "mkdir /x 2>&1; cd /tmp && echo there";
    const refused = "mkdir: can't create directory '/x': Function not implemented\nthere\n";
    expect(await inside(script, "--security-opt", own)).toBe(refused);
    expect(await inside(script, "--security-opt", own, "--cap-add", "NET_ADMIN")).toBe("there\n");
    expect(await inside(script, "--security-opt", own, "--privileged", "--cap-drop", "ALL")).toBe("there\n");
    expect((await run("--security-opt", `seccomp=${daemon.place.home}`, "busybox", "true")).stderr).toContain("opening seccomp profile (");
  });

  test("seccomp: a profile that is none is refused when the container is made", async () => {
    expect(await create({ SecurityOpt: ["seccomp={"] })).toEqual([400, expect.stringContaining("Decoding seccomp profile failed: ")]);
    expect(await create({ SecurityOpt: ['seccomp={"defaultAction":"FOO"}'] })).toEqual([
      400,
      "string FOO is not a valid action for seccomp",
    ]);
    expect(await create({ SecurityOpt: ["foo=bar"] })).toEqual([400, 'invalid --security-opt 2: "foo=bar"']);
  });

  test("seccomp: the profile holds for execs, and after a restart of container and daemon", async () => {
    await daemon.gantry(["run", "-d", "--name", "filtered", "--security-opt", `seccomp=${profile()}`, "busybox", "sleep", "1000"]);
    const tried = async (): Promise<string> => (await daemon.gantry(["exec", "filtered", "mkdir", "/x"])).stderr;
    expect(await tried()).toContain("Function not implemented");
    await daemon.gantry(["restart", "-t", "0", "filtered"]);
    expect(await tried()).toContain("Function not implemented");
    await daemon.gantry(["rm", "-f", "filtered"]);
  });

  test("no-new-privileges", async () => {
    expect(await status("NoNewPrivs", "--security-opt", "no-new-privileges")).toBe("1\n");
    expect(await status("NoNewPrivs", "--security-opt", "no-new-privileges:false")).toBe("0\n");
  });

  test("systempaths and lists of paths: masks and read-only paths are what was asked for", async () => {
    const mounted = "cut -d' ' -f5 /proc/self/mountinfo | grep -E '^/(proc|sys)/' | grep -v cgroup | sort | tr '\\n' ' '";
    expect(await inside(mounted, "--security-opt", "systempaths=unconfined")).toBe("");
    expect(
      await inside(`${mounted}; echo; echo x > /proc/sys/kernel/domainname && echo wrote`, "--security-opt", "systempaths=unconfined"),
    ).toBe("\nwrote\n");
    expect(await inside(mounted)).toContain("/proc/sys ");
    const body = {
      Image: "busybox",
      Cmd: ["sh", "-c", mounted],
      HostConfig: { MaskedPaths: ["/proc/keys"], ReadonlyPaths: ["/proc/irq"] },
    };
    const reply = await daemon.request("/containers/create?name=masked", {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    expect(reply.status).toBe(201);
    expect((await daemon.gantry(["start", "-a", "masked"])).stdout).toBe("/proc/irq /proc/keys ");
    await daemon.gantry(["rm", "masked"]);
  });

  test("writable-cgroups: and for a privileged container the other way round", async () => {
    const modes = "grep -E ' /sys/fs/cgroup(/memory)? ' /proc/self/mountinfo | tail -n 1 | cut -d' ' -f6 | cut -d, -f1";
    expect(await inside(modes)).toBe("ro\n");
    expect(await inside(modes, "--security-opt", "writable-cgroups=true")).toBe("rw\n");
    expect(await inside(modes, "--privileged")).toBe("rw\n");
    expect(await inside(modes, "--privileged", "--security-opt", "writable-cgroups=false")).toBe("ro\n");
  });

  test("F10: control groups cannot be written by root inside", async () => {
    expect(await inside("for f in /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/cgroup.procs; do (echo 1 > $f) 2>&1; done")).toMatch(
      /^(sh: can't create \S+: (Read-only file system|nonexistent directory|Permission denied)\n)+$/,
    );
  });

  test("apparmor and label are taken where no module asks for them", async () => {
    expect((await run("--security-opt", "apparmor=unconfined", "--security-opt", "label=disable", "busybox", "true")).code).toBe(0);
    // Docker drops a profile of one's own in silence; we say it, where there is no module to ask.
    const { stderr } = await daemon.gantry(["create", "--name", "profiled", "--security-opt", "apparmor=own", "busybox"]);
    const isThere = existsSync("/sys/kernel/security/apparmor");
    expect(stderr).toBe(isThere ? "" : "WARNING: Your kernel does not support AppArmor or it is not enabled. Profile own discarded.\n");
    expect((await daemon.gantry(["inspect", "-f", "{{.AppArmorProfile}}", "profiled"])).stdout).toBe("own\n");
    await daemon.gantry(["rm", "profiled"]);
  });
});

describe("who the process is", () => {
  test("--group-add by number and by name of the image, for execs too", async () => {
    const members = [
      { name: "etc/group", content: "root:x:0:\nvideo:x:44:someone\nteam:x:500:someone\n" },
      { name: "etc/passwd", content: "root:x:0:0::/root:/bin/sh\nsomeone:x:1000:1000::/home/some:/bin/sh\n" },
    ];
    await plantImage(daemon, "groups", { members });
    const groups = "grep ^Groups: /proc/self/status";
    const flags = ["--group-add", "video", "--group-add", "4242"];
    await daemon.gantry(["run", "-d", "--name", "grouped", "-u", "1000", ...flags, "groups", "sleep", "1000"]);
    const seen = async (...more: readonly string[]): Promise<string> =>
      (await daemon.gantry(["exec", ...more, "grouped", "sh", "-c", "cat /proc/self/status"])).stdout
        .split("\n")
        .find((line) => line.startsWith("Groups")) ?? groups;
    expect(await seen()).toBe("Groups:\t44 500 1000 4242 ");
    expect(await seen("-u", "0")).toBe("Groups:\t0 44 4242 ");
    await daemon.gantry(["rm", "-f", "grouped"]);
    const { code, stderr } = await run("--group-add", "nobody-knows", "groups", "true");
    expect([code, stderr]).toEqual([125, expect.stringContaining("unable to find group nobody-knows: no matching entries in group file")]);
  });

  test("A21 newline-in-names: nothing of a variable, a user or a host name becomes a line of an account file", async () => {
    const line = "/\nx::0:0::/:/bin/sh";
    expect(await inside("cat /etc/passwd | grep -c ^x: ; true", "-e", `HOME=${line}`)).toBe("0\n");
    await plantImage(daemon, "newline", { config: { Env: ["PATH=/bin", `HOME=${line}`] } });
    expect((await run("newline", "sh", "-c", "cat /etc/passwd /etc/hosts /etc/hostname")).stdout).not.toContain("\nx::0");
    expect((await run("-u", line, "busybox", "true")).code).toBe(125);
    expect((await run("-h", line, "busybox", "true")).stderr).toContain("invalid hostname");
  });

  test("--userns host and --isolation default change nothing, anything else is refused", async () => {
    const map = "cat /proc/self/uid_map | tr -s ' '";
    expect(await inside(map, "--userns", "host", "--isolation", "default")).toBe(await inside(map));
    expect((await run("--isolation", "hyperv", "busybox", "true")).stderr).toContain(
      "invalid isolation (hyperv): linux only supports 'default'",
    );
  });

  test("--oom-score-adj", async () => {
    expect(await inside("cat /proc/self/oom_score_adj", "--oom-score-adj", "500")).toBe("500\n");
  });
});

describe("F07: --sysctl", () => {
  test("sets what the container's own namespaces hold, and leaves the host's alone", async () => {
    const paths = ["net/ipv4/ip_forward", "kernel/shm_rmid_forced", "fs/mqueue/msg_max", "net/ipv4/ip_unprivileged_port_start"];
    const before = paths.map((path) => readFileSync(`/proc/sys/${path}`, "utf8"));
    const asked = "net.ipv4.ip_forward=0 kernel.shm_rmid_forced=1 fs.mqueue.msg_max=11 net.ipv4.ip_unprivileged_port_start=1024".split(" ");
    const script = `cat ${paths.map((path) => `/proc/sys/${path}`).join(" ")}`;
    expect(await inside(script, ...asked.flatMap((each) => ["--sysctl", each]))).toBe("0\n1\n11\n1024\n");
    expect(paths.map((path) => readFileSync(`/proc/sys/${path}`, "utf8"))).toEqual(before);
  });

  test.each([
    [{ Sysctls: { "kernel.core_pattern": "|/x" } }, 'sysctl "kernel.core_pattern" is not in a separate kernel namespace'],
    [
      { Sysctls: { "kernel.shm_rmid_forced": "1+kernel.core_pattern=|/x" } },
      'sysctl "kernel.shm_rmid_forced": "1+kernel.core_pattern=|/x" is not a number',
    ],
    [{ Sysctls: { "net.ipv4/../../kernel/core_pattern": "|/x" } }, 'sysctl "net.ipv4/../../kernel/core_pattern" is no name of a parameter'],
    [{ Sysctls: { "net/../kernel/core_pattern": "|/x" } }, 'sysctl "net.//.kernel.core_pattern" is no name of a parameter'],
    [
      { NetworkMode: "host", Sysctls: { "net.ipv4.ip_forward": "1" } },
      'sysctl "net.ipv4.ip_forward" not allowed in host network namespace',
    ],
  ])("refuses %j", async (host, message) => {
    const before = readFileSync("/proc/sys/kernel/core_pattern", "utf8");
    expect(await create(host)).toEqual([400, message]);
    expect(readFileSync("/proc/sys/kernel/core_pattern", "utf8")).toBe(before);
  });
});

describe("what is handed to the runtime", () => {
  test("annotations, but for those by which it would take orders", async () => {
    const asked = ["a.b=c", "run.oci.seccomp_bpf_data=AAAA", "run.oci.hooks.stdout=/evil", "org.systemd.property.User='x'"];
    const flags = asked.flatMap((each) => ["--annotation", each]);
    const { stdout } = await daemon.gantry(["run", "-d", "--name", "noted", ...flags, "busybox", "sleep", "1000"]);
    const config = readFileSync(join(daemon.place.execRoot, "monitors", stdout.slice(0, 12), "config.json"), "utf8");
    const { annotations } = JSON.parse(config) as { readonly annotations: Readonly<Record<string, string>> };
    expect(Object.keys(annotations).filter((name) => name !== "run.oci.seccomp_bpf_data")).toEqual(["a.b"]);
    expect(annotations["run.oci.seccomp_bpf_data"]).not.toBe("AAAA");
    const shown = await daemon.gantry(["inspect", "-f", "{{len .HostConfig.Annotations}}", "noted"]);
    expect(shown.stdout).toBe("4\n");
    await daemon.gantry(["rm", "-f", "noted"]);
  });

  test("F13: runtimes go by names that are known, containerd's for the usual one too", async () => {
    expect(await inside("echo ran", "--runtime", "io.containerd.runc.v2")).toBe("ran\n");
    for (const name of ["/opt/evil", "../x", "io.containerd.evil.v2"])
      expect((await run("--runtime", name, "busybox", "true")).stderr).toContain(`unknown or invalid runtime name: ${name}`);
  });
});

test("A13 paths-of-the-image: neither its VOLUME nor its WORKDIR leads out of the root", async () => {
  const canary = join(daemon.place.home, "canary");
  const members = [{ type: "symlink", name: "l", linkName: daemon.place.home }] as const;
  await plantImage(daemon, "escape", {
    members,
    config: { Volumes: { [`/../../..${canary}`]: {}, "/l/canary": {} }, WorkingDir: "/l/../l/canary" },
  });
  const { stdout } = await run("escape", "sh", "-c", "pwd; ls -A .");
  expect(stdout).toStartWith("/");
  expect(await daemon.run(["test", "-e", canary])).toMatchObject({ code: 1 });
});

test("B10 console-through-link: a terminal is no way to a file of the kernel", async () => {
  const before = readFileSync("/proc/sys/kernel/core_pattern", "utf8");
  const members = [
    { type: "directory", name: "dev" },
    { type: "symlink", name: "dev/console", linkName: "/proc/sys/kernel/core_pattern" },
    { type: "symlink", name: "dev/ptmx", linkName: "/proc/sysrq-trigger" },
  ] as const;
  await plantImage(daemon, "console", { members });
  const { stdout } = await run("-t", "console", "sh", "-c", "stat -c %F /dev/console; echo x > /dev/console");
  expect(stdout).toBe("character special file\r\nx\r\n");
  expect(readFileSync("/proc/sys/kernel/core_pattern", "utf8")).toBe(before);
});

test("B11 sysctl-through-volume: what a sysctl would be written to cannot be put in the way", async () => {
  const asked = ["--sysctl", "kernel.shm_rmid_forced=1"];
  for (const target of ["/proc/sys", "/proc/sys/kernel", "/proc/self/attr", "/proc"]) {
    const { code, stderr } = await run(...asked, "-v", `fake:${target}`, "busybox", "true");
    expect([code, stderr]).toEqual([125, expect.stringContaining("cannot be mounted because it is")]);
  }
  await daemon.gantry(["volume", "rm", "fake"]);
  await plantImage(daemon, "procfs", { members: [{ type: "symlink", name: "proc", linkName: "/tmp" }] });
  expect((await run(...asked, "procfs", "sh", "-c", "ls /tmp")).stdout).toBe("");
});

test("A20: a command of an exec with more rights keeps none for its children to inherit", async () => {
  await daemon.gantry(["run", "-d", "--name", "exec20", "-u", "1000", "busybox", "sleep", "1000"]);
  const { stdout } = await daemon.gantry(["exec", "--privileged", "exec20", "grep", "-E", "^Cap(Inh|Eff|Amb)", "/proc/self/status"]);
  expect(stdout).toMatch(/^CapInh:\t0{16}\n/);
  expect(stdout).toMatch(/\nCapAmb:\t0{16}\n$/);
  await daemon.gantry(["rm", "-f", "exec20"]);
});

test("an exec's user is given nothing of the host's, its /dev/null least of all", async () => {
  const { stdout } = await daemon.gantry(["run", "-d", "busybox", "sleep", "1000"]);
  const id = stdout.trim();
  try {
    const look = "stat -c %u:%F /proc/self/fd/0 -L; cat; id -u";
    expect((await daemon.gantry(["exec", "-u", "12347", id, "sh", "-c", look])).stdout).toMatch(/^\d+:fifo\n12347\n$/);
    await daemon.gantry(["exec", "-d", "-u", "12347", id, "sh", "-c", "cat; touch /tmp/read"]);
    await waitFor(async () => (await daemon.gantry(["exec", id, "test", "-e", "/tmp/read"])).code === 0, {
      what: "end of an input that is nobody's",
    });
    expect(statSync("/dev/null")).toMatchObject({ uid: 0, gid: 0, rdev: 0x103 });
  } finally {
    chownSync("/dev/null", 0, 0);
    await daemon.gantry(["rm", "-f", id]);
  }
});

test("nothing of all this is left", async () => {
  expect(await settled.leaks()).toEqual([]);
});
