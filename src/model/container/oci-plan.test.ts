import { describe, expect, test } from "bun:test";
import { plainHost, plainSpec } from "../../../test/support/containers.ts";
import { memoryLimits } from "../../../test/support/memory-host.ts";
import type { MachineFacts } from "./machine.ts";
import { planMounts } from "./mount-plan.ts";
import { planOciConfig, type UserSpace } from "./oci-plan.ts";
import { planExecProcess, type PlannedContainer } from "./process-plan.ts";
import { capabilityNames, defaultCapabilities } from "./capabilities.ts";
import type { UserLookup } from "./rootfs-store.ts";
import type { OciConfig } from "./runtime.ts";
import type { ContainerSpec, HostSpec } from "./spec.ts";
import { limitWarnings } from "./ulimits.ts";

const machine: MachineFacts = {
  hostname: "machine",
  architecture: "x64",
  cgroupVersion: 1,
  capabilities: capabilityNames,
  limits: { nofile: 4096, nproc: 100 },
  raisesLimits: false,
  swapLimit: true,
  enforces: memoryLimits,
  thermalPaths: ["/sys/devices/system/cpu/cpu0/thermal_throttle"],
  devices: [{ path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 0o666, uid: 0, gid: 0 }],
};
const user: UserLookup = { uid: 0, gid: 0, additionalGids: [10, 0], home: "/root" };
const digest = `sha256:${"1".repeat(64)}` as const;
const id = "0123456789abcdef".repeat(4);

interface Wish {
  readonly spec?: Partial<ContainerSpec>;
  readonly host?: Partial<HostSpec>;
  readonly machine?: Partial<MachineFacts>;
  readonly networkNamespacePath?: string;
  readonly users?: UserSpace;
}

function container(wish: Wish = {}): PlannedContainer {
  const host: HostSpec = { ...plainHost, network: "bridge", networkName: "default", ...wish.host };
  const spec: ContainerSpec = { ...plainSpec, ...wish.spec, host };
  const config = {
    user: "",
    env: ["A=image", "B=image"],
    entrypoint: ["/entry"],
    command: ["cmd"],
    workingDir: "/srv",
    labels: {},
    exposedPorts: [],
    volumes: [],
  };
  return { id, spec, image: { id: digest, manifest: digest, layers: [], os: "linux", config } };
}

function plan(wish: Wish = {}): OciConfig {
  return planOciConfig({
    container: container(wish),
    user,
    files: { hosts: "/c/hosts", hostname: "/c/hostname", resolvConf: "/c/resolv.conf" },
    mounts: { fileSources: new Set(["/file"]) },
    cgroupsPath: `/gantry/c/${id}`,
    machine: { ...machine, ...wish.machine },
    ...(wish.users !== undefined && { users: wish.users }),
    ...(wish.networkNamespacePath !== undefined && { networkNamespacePath: wish.networkNamespacePath }),
  });
}

describe("planOciConfig() of the process", () => {
  test("has the image's command, directory and variables, Docker's base and HOME", () => {
    const { args, cwd, env, oomScoreAdj, user: planned } = plan().process;
    expect({ args, cwd, env, oomScoreAdj, planned }).toEqual({
      args: ["/entry", "cmd"],
      cwd: "/srv",
      env: [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOSTNAME=0123456789ab",
        "A=image",
        "B=image",
        "HOME=/root",
      ],
      oomScoreAdj: 0,
      planned: { uid: 0, gid: 0, additionalGids: [0, 10] },
    });
  });

  test("takes the caller's words over the image's", () => {
    const { process, hostname } = plan({
      spec: { entrypoint: ["/own"], env: ["A=own", "PATH=/x", "HOME=/h", "B"], workingDir: "/w", tty: true, hostname: "name" },
    });
    expect(process).toMatchObject({ args: ["/own"], cwd: "/w", terminal: true });
    expect(process.env).toEqual(["PATH=/x", "HOSTNAME=name", "TERM=xterm", "A=own", "HOME=/h"]);
    expect(hostname).toBe("name");
  });

  test('an entrypoint of "" takes the image\'s away', () => {
    expect(plan({ spec: { entrypoint: [""], command: ["sh"] } }).process.args).toEqual(["sh"]);
    expect(() => plan({ spec: { entrypoint: [""] } })).toThrow("no command specified");
  });

  test("H03, H04, A20: fourteen capabilities, none inheritable or ambient, none held by a user that is not root", () => {
    expect(plan().process.capabilities).toEqual({
      bounding: defaultCapabilities,
      effective: defaultCapabilities,
      permitted: defaultCapabilities,
      inheritable: [],
      ambient: [],
    });
    const exec = { command: ["id"], env: [], workingDir: "", tty: false, privileged: true };
    const process = planExecProcess({ container: container(), exec, user: { ...user, uid: 1000 }, machine });
    expect(process.capabilities).toEqual({ bounding: capabilityNames, effective: [], permitted: [], inheritable: [], ambient: [] });
  });

  test("planExecProcess() has the container's variables under its own, and its size", () => {
    const size = { rows: 20, columns: 60 };
    const exec = { command: ["id"], env: ["A=exec", "C=exec"], workingDir: "/x", tty: true, privileged: false, size };
    const process = planExecProcess({ container: container(), exec, user, machine });
    expect(process.env.slice(2)).toEqual(["TERM=xterm", "A=exec", "B=image", "C=exec", "HOME=/root"]);
    expect(process).toMatchObject({ args: ["id"], cwd: "/x", terminal: true, consoleSize: { height: 20, width: 60 } });
  });
});

describe("planOciConfig() of users", () => {
  const users = (size: number): UserSpace => {
    const ranges = [{ containerId: 0, hostId: 100_000, size }];
    return { path: "/proc/1/fd/9", owners: { uids: ranges, gids: ranges } };
  };
  const terminals = (config: OciConfig) => config.mounts.find(({ type }) => type === "devpts")?.options;

  test("joins the namespace, says what it maps, and lets nobody change control groups", () => {
    const { linux, mounts } = plan({ users: users(65_536) });
    expect(linux.namespaces).toContainEqual({ type: "user", path: "/proc/1/fd/9" });
    expect(linux.uidMappings).toEqual([{ containerID: 0, hostID: 100_000, size: 65_536 }]);
    expect(linux.gidMappings).toEqual(linux.uidMappings ?? []);
    expect(linux.readonlyPaths).toContain("/sys/fs/cgroup");
    expect(linux.sysctl).toEqual({ "net.ipv4.ip_unprivileged_port_start": "0" });
    expect(mounts.find(({ type }) => type === "devpts")?.options).toContain("gid=5");
  });

  test("says nothing of it without, and leaves out a group that is not mapped", () => {
    const { linux } = plan();
    expect(linux.namespaces.map(({ type }) => type)).not.toContain("user");
    expect([linux.uidMappings, linux.gidMappings, linux.readonlyPaths.includes("/sys/fs/cgroup")]).toEqual([undefined, undefined, false]);
    expect(terminals(plan({ users: users(5) }))).not.toContain("gid=5");
    expect(terminals(plan({ users: users(6) }))).toContain("gid=5");
  });
});

describe("planOciConfig() of limits", () => {
  test("clamps the default number of files to the daemon's, and says so", () => {
    expect(plan().process.rlimits).toEqual([{ type: "RLIMIT_NOFILE", soft: 1_024, hard: 4_096 }]);
    expect(limitWarnings(machine)).toEqual([
      "WARNING: containers can open at most 4096 files: the daemon cannot raise its own hard limit (it lacks CAP_SYS_RESOURCE)",
    ]);
    expect(plan({ machine: { raisesLimits: true } }).process.rlimits).toEqual([{ type: "RLIMIT_NOFILE", soft: 1_024, hard: 524_288 }]);
    expect(limitWarnings({ ...machine, raisesLimits: true })).toEqual([]);
  });

  test("refuses a limit above the daemon's own, unless the daemon can raise it", () => {
    const host = { ulimits: [{ name: "nofile", soft: 10, hard: 5000 }] };
    expect(() => plan({ host })).toThrow("ulimit nofile: hard limit 5000 is above the daemon's own 4096, which it cannot raise");
    expect(plan({ host, machine: { raisesLimits: true } }).process.rlimits).toEqual([{ type: "RLIMIT_NOFILE", soft: 10, hard: 5000 }]);
  });

  test("refuses unknown limits and a soft one above the hard one", () => {
    expect(() => plan({ host: { ulimits: [{ name: "foo", soft: 1, hard: 1 }] } })).toThrow("invalid ulimit type: foo");
    expect(() => plan({ host: { ulimits: [{ name: "core", soft: 2, hard: 1 }] } })).toThrow(
      "ulimit soft limit must be less than or equal to hard limit: 2 > 1",
    );
    expect(plan({ host: { ulimits: [{ name: "core", soft: 0, hard: -1 }] } }).process.rlimits?.[0]).toEqual({
      type: "RLIMIT_CORE",
      soft: 0,
      hard: 2 ** 64,
    });
  });

  test("memory alone allows as much swap again, where the kernel counts it", () => {
    const host = { resources: { memory: 100, nanoCpus: 1_500_000_000, cpuShares: 512, pidsLimit: 10 } };
    expect(plan({ host }).linux.resources).toMatchObject({
      memory: { limit: 100, swap: 200 },
      cpu: { quota: 150_000, period: 100_000, shares: 512 },
      pids: { limit: 10 },
    });
    expect(plan({ host, machine: { swapLimit: false } }).linux.resources.memory).toEqual({ limit: 100 });
    expect(plan({ host: { resources: { memory: 100, memorySwap: -1 } } }).linux.resources.memory).toEqual({ limit: 100, swap: -1 });
    expect(plan({ host: { resources: { pidsLimit: 0 } } }).linux.resources.pids).toBeUndefined();
  });
});

describe("planOciConfig() of walls", () => {
  test("H05, F04: masks what Docker masks, with the heat of each CPU", () => {
    const { maskedPaths, readonlyPaths } = plan().linux;
    expect({ maskedPaths, readonlyPaths }).toEqual({
      maskedPaths: [
        "/proc/asound",
        "/proc/acpi",
        "/proc/interrupts",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/proc/sched_debug",
        "/proc/scsi",
        "/sys/firmware",
        "/sys/devices/virtual/powercap",
        "/sys/devices/system/cpu/cpu0/thermal_throttle",
      ],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    });
  });

  test("H08: has namespaces of its own, a cgroup one on version 2", () => {
    const own = [{ type: "mount" }, { type: "uts" }, { type: "pid" }, { type: "ipc" }];
    expect(plan({ networkNamespacePath: "/proc/1/fd/9" }).linux.namespaces).toEqual([
      ...own,
      { type: "network", path: "/proc/1/fd/9" },
    ] as never);
    expect(plan({ host: { network: "host" } }).linux.namespaces).toEqual(own as never);
    expect(plan({ machine: { cgroupVersion: 2 } }).linux.namespaces).toEqual([...own, { type: "network" }, { type: "cgroup" }] as never);
  });

  test("the host's network has the host's name and none of the namespace's sysctls", () => {
    const { hostname, linux } = plan({ host: { network: "host" } });
    expect({ hostname, sysctl: linux.sysctl }).toEqual({ hostname: "machine", sysctl: undefined });
    expect(plan({ spec: { domainname: "d" } }).linux.sysctl).toEqual({
      "net.ipv4.ip_unprivileged_port_start": "0",
      "net.ipv4.ping_group_range": "0 2147483647",
      "kernel.domainname": "d",
    });
  });

  test("privileged has every device, no filter, no masks and a writable /sys", () => {
    const { linux, mounts } = plan({ host: { privileged: true } });
    expect(linux).toMatchObject({ maskedPaths: [], readonlyPaths: [], devices: machine.devices });
    expect(linux.resources.devices).toEqual([{ allow: true, access: "rwm" }]);
    expect(linux.seccomp).toBeUndefined();
    expect(mounts.filter((mount) => mount.options.includes("ro"))).toEqual([]);
  });

  test("F09: denies every device but the six, and FUSE by name", () => {
    const rules = plan().linux.resources.devices;
    expect(rules[0]).toEqual({ allow: false, access: "rwm" });
    expect(rules.filter((rule) => rule.allow).map((rule) => `${rule.type} ${rule.major}:${rule.minor}`)).toEqual([
      "c 1:5",
      "c 1:3",
      "c 1:9",
      "c 1:8",
      "c 5:0",
      "c 5:1",
    ]);
  });
});

describe("planOciConfig() of mounts", () => {
  test("H12: the kernel's file systems as Docker mounts them, then the engine's files", () => {
    const mounts = plan().mounts.map(({ destination, type, options }) => `${destination} ${type} ${options.join(",")}`);
    expect(mounts).toEqual([
      "/proc proc nosuid,noexec,nodev",
      "/dev tmpfs nosuid,strictatime,mode=755,size=65536k",
      "/dev/pts devpts nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5",
      "/sys sysfs nosuid,noexec,nodev,ro",
      "/sys/fs/cgroup cgroup nosuid,noexec,nodev,ro",
      "/dev/mqueue mqueue nosuid,noexec,nodev",
      "/dev/shm tmpfs nosuid,noexec,nodev,mode=1777,size=67108864",
      "/etc/resolv.conf bind rbind,rprivate",
      "/etc/hostname bind rbind,rprivate",
      "/etc/hosts bind rbind,rprivate",
    ]);
  });

  test("volumes lie where they are found, at the places where their targets lead; nothing goes over /proc", () => {
    const volume = { name: "v", target: "/link", readOnly: true, copyUp: true, mode: "z", isAnonymous: false };
    const planned = (resolved: string, source = "/volumes/v/_data"): readonly string[] =>
      planMounts(
        { ...plainHost, volumes: [volume], tmpfsMounts: [{ target: "/etc/hosts", options: "size=1m" }] },
        { hosts: "/h", hostname: "/n", resolvConf: "/r" },
        { fileSources: new Set(), sources: new Map([["/link", source]]), resolved: new Map([["/link", resolved]]) },
      ).map((mount) => `${mount.source} ${mount.destination} ${mount.options.join(",")}`);
    expect(planned("/etc/deep").slice(-4)).toEqual([
      "tmpfs /etc/hosts noexec,nosuid,nodev,rprivate,size=1m",
      "/volumes/v/_data /etc/deep rbind,rro,rprivate",
      "/r /etc/resolv.conf rbind,rprivate",
      "/n /etc/hostname rbind,rprivate",
    ]);
    for (const target of ["/proc", "/proc/self/attr", "/proc/sys"])
      expect(() => planned(target)).toThrow("cannot be mounted because it is");
    for (const target of ["/proc/cpuinfo", "/procedures"])
      expect(planned(target)).toContain(`/volumes/v/_data ${target} rbind,rro,rprivate`);
    expect(planned("/proc", "/proc")).toContain("/proc /proc rbind,rro,rprivate");
  });

  test("binds and tmpfs come by the depth of their targets, and take the place of what is there", () => {
    const bind = { source: "/s", readOnly: true, propagation: "rslave", createSource: true } as const;
    const { mounts, linux, root } = plan({
      host: {
        binds: [
          { ...bind, target: "/a/b/c" },
          { ...bind, target: "/etc/hosts", readOnly: false },
          { ...bind, source: "/file", target: "/f" },
        ],
        tmpfs: { "/a": "size=64m,exec", "/dev/shm": "" },
        readOnlyRootfs: true,
      },
    });
    const own = mounts.filter(({ source, destination }) => source === "/s" || destination === "/a" || destination === "/dev/shm");
    expect(own).toEqual([
      { destination: "/a", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "rprivate", "size=64m", "exec"] },
      { destination: "/dev/shm", type: "tmpfs", source: "tmpfs", options: ["noexec", "nosuid", "nodev", "rprivate"] },
      { destination: "/etc/hosts", type: "bind", source: "/s", options: ["rbind", "rslave"] },
      { destination: "/a/b/c", type: "bind", source: "/s", options: ["rbind", "rro", "rslave"] },
    ]);
    expect(mounts.find(({ destination }) => destination === "/etc/hostname")?.options).toEqual(["rbind", "ro", "rprivate"]);
    expect(mounts.find(({ source }) => source === "/file")?.options).toEqual(["rbind", "ro", "rslave"]);
    expect({ propagation: linux.rootfsPropagation, readonly: root.readonly }).toEqual({ propagation: "rslave", readonly: true });
  });
});
