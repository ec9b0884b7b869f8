// The walls of a container as `run` makes it: what a process inside may see, keep, open and call. The walls of the runtimes alone are tried
// in test/contract; here the API, the image and the plan have had their say.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { Output } from "../support/command.ts";
import type { TestDaemon } from "../support/daemon.ts";
import { linkTarget } from "../support/processes.ts";
import { plantImage } from "../support/planted-image.ts";
import { type SettledDaemon, startSettledDaemon } from "../support/settled-daemon.ts";

setDefaultTimeout(60_000);

const held = new AsyncDisposableStack();
let settled: SettledDaemon;
let daemon: TestDaemon;
const none = "0".repeat(16);
const bounding = "00000000a80425fb";

beforeAll(async () => {
  settled = held.use(await startSettledDaemon());
  ({ daemon } = settled);
  await daemon.gantry(["run", "-d", "--name", "host", "busybox", "sleep", "1000"]);
}, 60_000);
afterAll(() => held.disposeAsync(), 60_000);

const run = (...args: readonly string[]): Promise<Output> => daemon.gantry(["run", "--rm", ...args]);
const inside = async (script: string, ...flags: readonly string[]): Promise<string> =>
  (await run(...flags, "busybox", "sh", "-c", script)).stdout;
const exec = async (script: string, ...flags: readonly string[]): Promise<string> =>
  (await daemon.gantry(["exec", ...flags, "host", "sh", "-c", script])).stdout;

describe("A20, H03, H04: capabilities", () => {
  const show = "grep ^Cap /proc/self/status";
  const sets = (text: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      text
        .trim()
        .split("\n")
        .map((line) => line.split(":\t").map((part) => part.trim())) as [string, string][],
    );
  const ofRoot = { CapInh: none, CapPrm: bounding, CapEff: bounding, CapBnd: bounding, CapAmb: none };
  const ofOthers = { ...ofRoot, CapPrm: none, CapEff: none };

  test("are Docker's fourteen, none inheritable or ambient, in run and exec", async () => {
    expect(sets(await inside(show))).toEqual(ofRoot);
    expect(sets(await exec(show))).toEqual(ofRoot);
  });

  test("are none for a user that is not root, by flag, by image and in exec", async () => {
    await plantImage(daemon, "unprivileged", { config: { User: "1000" } });
    expect(sets(await inside(show, "-u", "1000"))).toEqual(ofOthers);
    expect(sets(await exec(show, "-u", "1000"))).toEqual(ofOthers);
    expect((await run("unprivileged", "cat", "/proc/self/status")).stdout).toContain(
      `CapEff:\t${none}\nCapBnd:\t${bounding}\nCapAmb:\t${none}`,
    );
  });

  test("follow --cap-drop and --cap-add, and exec --privileged inherits and keeps none by birth", async () => {
    expect(sets(await inside(show, "--cap-drop", "ALL"))).toEqual({ ...ofOthers, CapBnd: none });
    expect(sets(await inside(show, "--cap-drop", "ALL", "--cap-add", "CHOWN"))).toMatchObject({
      CapInh: none,
      CapAmb: none,
      CapBnd: "0000000000000001",
    });
    expect(sets(await exec(show, "--privileged"))).toMatchObject({ CapInh: none, CapAmb: none });
  });
});

describe("F04, H05: /proc and /sys", () => {
  const seen = `
    for f in keys latency_stats timer_list timer_stats sched_debug kcore interrupts; do [ -e /proc/$f ] && [ $(head -c 1 /proc/$f | wc -c) != 0 ] && echo seen $f; done
    for d in /proc/acpi /proc/asound /proc/scsi /sys/firmware /sys/devices/virtual/powercap /sys/devices/system/cpu/cpu*/thermal_throttle; do [ -d $d ] && [ -n "$(ls -A $d)" ] && echo seen $d; done; echo end`;

  test("show nothing that Docker masks, unlike a privileged container", async () => {
    expect(await inside(seen)).toBe("end\n");
    expect(await exec(seen)).toBe("end\n");
    expect(await inside(seen, "--privileged")).toMatch(/^seen /);
  });

  test("cannot be written where Docker forbids it", async () => {
    const before = readFileSync("/proc/sys/kernel/core_pattern", "utf8");
    const wrote = `
      for t in sysrq-trigger sys/kernel/core_pattern sys/kernel/hostname irq/default_smp_affinity; do (echo x > /proc/$t) 2>/dev/null && echo wrote $t; done
      mkdir /proc/bus/x /proc/fs/x /sys/fs/cgroup/x 2>/dev/null && echo made; echo end`;
    expect(await inside(wrote)).toBe("end\n");
    expect(await exec(wrote)).toBe("end\n");
    expect(readFileSync("/proc/sys/kernel/core_pattern", "utf8")).toBe(before);
  });

  test("are those that inspect names", async () => {
    const { HostConfig } = (await (await daemon.request("/containers/host/json")).json()) as {
      readonly HostConfig: { readonly MaskedPaths: readonly string[]; readonly ReadonlyPaths: readonly string[] };
    };
    expect(HostConfig.ReadonlyPaths).toEqual(["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]);
    const throttles = HostConfig.MaskedPaths.filter((path) => /^\/sys\/devices\/system\/cpu\/cpu\d+\/thermal_throttle$/.test(path));
    expect(HostConfig.MaskedPaths.filter((path) => !throttles.includes(path)).toSorted()).toEqual(
      [
        ...["acpi", "asound", "interrupts", "kcore", "keys", "latency_stats", "sched_debug", "scsi", "timer_list", "timer_stats"].map(
          (name) => `/proc/${name}`,
        ),
        "/sys/devices/virtual/powercap",
        "/sys/firmware",
      ].toSorted(),
    );
  });
});

test("F06: new namespaces, mounts and the kernel's back doors are refused", async () => {
  const script = `
    unshare -U true 2>/dev/null && echo user; unshare -m true 2>/dev/null && echo mount; unshare -n true 2>/dev/null && echo net
    mount -t tmpfs x /tmp 2>/dev/null && echo tmpfs; mount -t cgroup -o rdma x /tmp 2>/dev/null && echo cgroup
    mount -o remount,rw /sys 2>/dev/null && echo remount; umount /proc/keys 2>/dev/null && echo umount
    nsenter -t 1 -m true 2>/dev/null && echo nsenter; echo end`;
  expect(await inside(script)).toBe("end\n");
  expect(await exec(script)).toBe("end\n");
  expect(await inside("grep Seccomp: /proc/self/status")).toBe("Seccomp:\t2\n");
  expect(await inside("unshare -m true && echo mount", "--cap-add", "SYS_ADMIN")).toBe("mount\n");
});

test("F09: of all devices of the host only the default ones open", async () => {
  const script = `
    for d in /sys/dev/char/* /sys/dev/block/*; do
      n=\${d##*/}; t=c; case $d in /sys/dev/block/*) t=b;; esac
      mknod /tmp/x $t \${n%:*} \${n#*:} && (true < /tmp/x) 2>/dev/null && echo $t $n; rm -f /tmp/x
    done; mknod /tmp/fuse c 10 229 && (true < /tmp/fuse) 2>/dev/null && echo fuse; echo end`;
  const opened = (await inside(script)).trim().split("\n");
  expect(opened.filter((line) => !/^(c 1:[35789]|c 5:[012]|end)$/.test(line))).toEqual([]);
  expect(opened).toEqual(expect.arrayContaining(["c 1:3", "c 1:5", "c 1:8", "c 1:9", "end"]));
});

test("H08: every namespace but the user's is the container's own, and the host's only when it was asked for", async () => {
  const kinds = ["pid", "ipc", "uts", "mnt", "net"];
  const script = `for kind in ${kinds.join(" ")}; do readlink /proc/self/ns/$kind; done`;
  const ours = kinds.map((kind) => linkTarget(`/proc/${daemon.pid}/ns/${kind}`));
  const shared = (text: string): string[] => kinds.filter((_, at) => text.trim().split("\n")[at] === ours[at]);
  expect(shared(await inside(script))).toEqual([]);
  expect(shared(await exec(script))).toEqual([]);
  expect(shared(await inside(script, "--network", "host"))).toEqual(["net"]);
});

test("H12: /dev is small and closed, /dev/shm holds 64 MiB and runs nothing", async () => {
  const script =
    "grep -E ' (/dev|/dev/shm|/dev/mqueue) ' /proc/self/mountinfo | cut -d' ' -f5,6 | sort; df -k /dev/shm /dev | awk 'NR>1 {print $2}'";
  expect(
    (await inside(script))
      .trim()
      .split("\n")
      .map((line) => line.replace(/,relatime.*/, "")),
  ).toEqual(["/dev rw,nosuid", "/dev/mqueue rw,nosuid,nodev,noexec", "/dev/shm rw,nosuid,nodev,noexec", "65536", "65536"]);
  expect(await inside("cp /bin/busybox /dev/shm/x && /dev/shm/x true; echo $?")).toBe("126\n");
});

test("B09: a link or folder at the image's /dev/null moves no mask", async () => {
  const before = readFileSync("/proc/sys/kernel/core_pattern", "utf8");
  const plants = [
    { type: "symlink", name: "dev/null", linkName: "/proc/sys/kernel/core_pattern" },
    { type: "directory", name: "dev/null" },
  ] as const;
  for (const [number, member] of plants.entries()) {
    await plantImage(daemon, `null${number}`, { members: [{ type: "directory", name: "dev" }, member] });
    const script = "echo '|/evil' > /proc/sys/kernel/core_pattern; wc -c < /proc/keys; stat -c %t:%T /dev/null";
    const { stdout, stderr } = await run(`null${number}`, "sh", "-c", script);
    expect({ stdout, refused: stderr.includes("Read-only file system") }).toEqual({ stdout: "0\n1:3\n", refused: true });
  }
  expect(readFileSync("/proc/sys/kernel/core_pattern", "utf8")).toBe(before);
});

test("F01: neither #!/proc/self/exe nor a writer of /proc/PID/exe changes runtime, monitor or daemon", async () => {
  const programs = ["/usr/bin/crun", "/usr/bin/runc", "/usr/bin/conmon", linkTarget(`/proc/${daemon.pid}/exe`)].filter((path) =>
    existsSync(path),
  );
  const digests = (): string[] =>
    programs.map((path) => `${path} ${new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex")}`);
  const before = digests();
  await plantImage(daemon, "pwn", { members: [{ name: "pwn", content: "#!/proc/self/exe\n", mode: 0o755 }] });
  await daemon.gantry(["run", "-d", "--name", "pwned", "pwn", "sleep", "1000"]);
  const writing = daemon.gantry([
    "exec",
    "pwned",
    "sh",
    "-c",
    "n=0; while [ $n -lt 300 ]; do n=$((n+1)); for p in /proc/[0-9]*; do echo pwn > $p/exe; done; done 2>/dev/null; echo tried",
  ]);
  const codes: number[] = [];
  for (let round = 0; round < 5; round += 1) codes.push((await daemon.gantry(["exec", "pwned", "/pwn"])).code);
  codes.push((await run("pwn", "/pwn")).code);
  expect((await writing).stdout).toBe("tried\n");
  expect(codes.includes(0)).toBe(false);
  await daemon.gantry(["rm", "-f", "pwned"]);
  expect(digests()).toEqual(before);
});

test("nothing of all this is left", async () => {
  await daemon.gantry(["rm", "-f", "host"]);
  expect(await settled.leaks()).toEqual([]);
});
