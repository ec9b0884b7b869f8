import { describe, expect, test } from "bun:test";
import { createRequest, decode, hostConfig, parseApiVersion, parseJson } from "#wire";
import { specOf, type CreateSpec } from "./create-spec.ts";
import { hostConfigView } from "./views/host-config.ts";

function read(body: unknown, version = "1.51"): CreateSpec {
  const context = { version: parseApiVersion(version), runtimes: ["crun"], noHostConfig: hostConfig.zero };
  return specOf(decode(createRequest, parseJson(JSON.stringify(body))), context);
}

function refusal(body: unknown, version?: string): string {
  try {
    read(body, version);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "accepted";
}

/** What docker 28.2 sends for `docker run --rm busybox echo hi`, as it came over the wire. */
const plainRun = {
  Hostname: "",
  Domainname: "",
  User: "",
  AttachStdin: false,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: null,
  Cmd: ["echo", "hi"],
  Image: "busybox",
  Volumes: {},
  WorkingDir: "",
  Entrypoint: null,
  OnBuild: null,
  Labels: {},
  HostConfig: {
    Binds: null,
    ContainerIDFile: "",
    LogConfig: { Type: "", Config: {} },
    NetworkMode: "default",
    PortBindings: {},
    RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    AutoRemove: true,
    VolumeDriver: "",
    VolumesFrom: null,
    ConsoleSize: [24, 80],
    CapAdd: null,
    CapDrop: null,
    CgroupnsMode: "",
    Dns: [],
    DnsOptions: [],
    DnsSearch: [],
    ExtraHosts: null,
    GroupAdd: null,
    IpcMode: "",
    Cgroup: "",
    Links: null,
    OomScoreAdj: 0,
    PidMode: "",
    Privileged: false,
    PublishAllPorts: false,
    ReadonlyRootfs: false,
    SecurityOpt: null,
    UTSMode: "",
    UsernsMode: "",
    ShmSize: 0,
    Isolation: "",
    MemorySwappiness: -1,
    OomKillDisable: false,
    PidsLimit: 0,
    Ulimits: [],
    MaskedPaths: null,
    ReadonlyPaths: null,
  },
  NetworkingConfig: {
    EndpointsConfig: { default: { IPAMConfig: null, Links: null, Aliases: null, MacAddress: "", GwPriority: 0, DNSNames: null } },
  },
};

describe("specOf()", () => {
  test("reads what the stock client sends for a plain run", () => {
    expect(read(plainRun)).toEqual({
      warnings: [],
      spec: {
        image: "busybox",
        command: ["echo", "hi"],
        env: [],
        user: "",
        labels: {},
        hostname: "",
        domainname: "",
        tty: false,
        openStdin: false,
        stdinOnce: false,
        attachStdin: false,
        attachStdout: true,
        attachStderr: true,
        exposedPorts: [],
        host: {
          network: "bridge",
          networkName: "default",
          ports: [],
          binds: [],
          bindTexts: [],
          tmpfs: {},
          autoRemove: true,
          privileged: false,
          readOnlyRootfs: false,
          capAdd: [],
          capDrop: [],
          ulimits: [],
          resources: {},
        },
      },
    });
  });

  test("carries over what the engine can do", () => {
    const { spec } = read({
      Image: "busybox",
      WorkingDir: "/a//b/../c/",
      ExposedPorts: { "80": {}, "53/UDP": {} },
      StopTimeout: 0,
      HostConfig: {
        Binds: ["/tmp:/t:ro,rslave", "/etc/:/e"],
        Mounts: [{ Type: "bind", Source: "/var", Target: "/v", ReadOnly: true }],
        PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }, { HostPort: "8081" }] },
        Memory: 100_000_000,
        NanoCpus: 500_000_000,
        PidsLimit: 5,
        Tmpfs: { "/x/": "size=1m" },
        Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }],
      },
    });
    expect(spec).toMatchObject({ workingDir: "/a/c", exposedPorts: ["80/tcp", "53/udp"], stopTimeout: 0 });
    expect(spec.host).toMatchObject({
      binds: [
        { source: "/tmp", target: "/t", readOnly: true, propagation: "rslave", createSource: true },
        { source: "/etc", target: "/e", readOnly: false, propagation: "rprivate", createSource: true },
        { source: "/var", target: "/v", readOnly: true, propagation: "rprivate", createSource: false },
      ],
      ports: [
        { containerPort: 80, protocol: "tcp", hostIp: "127.0.0.1", hostPort: 8080 },
        { containerPort: 80, protocol: "tcp", hostIp: "", hostPort: 8081 },
      ],
      resources: { memory: 100_000_000, memorySwap: 200_000_000, nanoCpus: 500_000_000, pidsLimit: 5 },
      tmpfs: { "/x": "size=1m" },
      ulimits: [{ name: "nofile", soft: 1, hard: 2 }],
    });
  });

  test("takes ports that are to be chosen, and keeps how they were written", () => {
    const bindings = { "80/tcp": [{}, { HostIp: "127.0.0.1", HostPort: "0" }] };
    const { spec } = read({ Image: "x", HostConfig: { PortBindings: bindings, PublishAllPorts: true } });
    const free = { containerPort: 80, protocol: "tcp" as const, hostPort: 0 };
    expect([spec.host.ports, spec.host.publishAll]).toEqual([
      [
        { ...free, hostIp: "", hostPortText: "" },
        { ...free, hostIp: "127.0.0.1", hostPortText: "0" },
      ],
      true,
    ]);
    expect(hostConfigView(spec, { cgroupVersion: "2", runtime: "crun" })).toMatchObject({
      PortBindings: {
        "80/tcp": [
          { HostIp: "", HostPort: "" },
          { HostIp: "127.0.0.1", HostPort: "0" },
        ],
      },
      PublishAllPorts: true,
    });
  });

  test("names fields that nobody knows in the warnings", () => {
    expect(read({ Image: "x", Foo: 1, HostConfig: { Bar: { a: 1 }, Empty: "" } }).warnings).toEqual([
      "unknown field Foo was ignored",
      "unknown field HostConfig.Bar was ignored",
    ]);
  });

  test("refuses HostConfig.Links, which is not there yet", () => {
    const words = refusal({ Image: "x", HostConfig: { Links: ["x"] } });
    expect(words).toBe("HostConfig.Links is not implemented");
  });

  test("carries over what a daemon's default would say otherwise", () => {
    const asked = {
      ShmSize: 1000,
      IpcMode: "shareable",
      CgroupnsMode: "host",
      SecurityOpt: ["no-new-privileges"],
      LogConfig: { Type: "", Config: { "max-size": "1m" } },
      Runtime: "crun",
    };
    expect(read({ Image: "x", HostConfig: asked }).spec.host).toMatchObject({
      shmSize: 1000,
      ipcMode: "shareable",
      cgroupNamespace: "host",
      noNewPrivileges: true,
      log: { driver: "", options: { "max-size": "1m" } },
      runtime: "crun",
    });
    expect(read({ Image: "x", HostConfig: { SecurityOpt: ["no-new-privileges:false"] } }).spec.host.noNewPrivileges).toBe(false);
    expect(refusal({ Image: "x", HostConfig: { LogConfig: { Type: "journald" } } })).toBe("HostConfig.LogConfig.Type is not implemented");
    expect(refusal({ Image: "x", HostConfig: { LogConfig: { Type: "foo" } } })).toBe(
      'error looking up logging plugin foo: plugin "foo" not found',
    );
    expect(refusal({ Image: "x", HostConfig: { Runtime: "../evil" } })).toBe("unknown or invalid runtime name: ../evil");
  });

  test("refuses every field of HostConfig that it does not carry out", () => {
    const carried = new Set([
      "Binds",
      "PortBindings",
      "NetworkMode",
      "AutoRemove",
      "Privileged",
      "CapAdd",
      "CapDrop",
      "ReadonlyRootfs",
      "Tmpfs",
    ]);
    for (const field of [
      "Ulimits",
      "Memory",
      "MemorySwap",
      "NanoCpus",
      "CpuShares",
      "PidsLimit",
      "ConsoleSize",
      "ShmSize",
      "ContainerIDFile",
      "Mounts",
      "PublishAllPorts",
      "VolumesFrom",
      // Another driver than ours is refused by the first volume that it would have to make.
      "VolumeDriver",
      "OomScoreAdj",
      "RestartPolicy",
      "Annotations",
      "CgroupParent",
      // Looked for by the start.
      "DeviceRequests",
      // The layer driver knows which it has.
      "StorageOpt",
      "GroupAdd",
      "MaskedPaths",
      "ReadonlyPaths",
      // The engine knows which of them are a container's own.
      "Sysctls",
      "BlkioWeight",
      "CpuPeriod",
      "CpuQuota",
      "CpuRealtimePeriod",
      "CpuRealtimeRuntime",
      "CpusetCpus",
      "CpusetMems",
      "KernelMemory",
      "KernelMemoryTCP",
      "MemoryReservation",
      "MemorySwappiness",
      "OomKillDisable",
      // Windows' alone: told in a warning, or nothing, as Docker does.
      "CpuCount",
      "CpuPercent",
    ])
      carried.add(field);
    const samples: Readonly<Record<string, readonly unknown[]>> = {
      boolean: [true],
      number: [7],
      string: ["container:x", "x"],
      list: [["x"], [{ Path: "/x" }], [{ Driver: "x" }]],
      map: [{ a: "b" }],
      none: [true, 7, ["x"]],
    };
    for (const [field, zero] of Object.entries(hostConfig.zero)) {
      if (carried.has(field)) continue;
      const kind = Array.isArray(zero) ? "list" : zero instanceof Map ? "map" : zero === undefined ? "none" : typeof zero;
      const answers = (samples[kind] ?? [{ Name: "always", Type: "syslog" }]).map((value) =>
        refusal({ Image: "x", HostConfig: { [field]: value } }),
      );
      expect({ field, accepted: answers.every((answer) => answer === "accepted") }).toEqual({ field, accepted: false });
    }
  });

  // Recorded from Docker 28.5.2.
  test.each([
    [
      { RestartPolicy: { Name: "foo" } },
      "invalid restart policy: unknown policy 'foo'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
    ],
    [{ AutoRemove: true, RestartPolicy: { Name: "always" } }, "can't create 'AutoRemove' container with restart policy"],
    [{ IpcMode: "foo" }, "invalid IPC mode: foo"],
    [{ Runtime: "foo" }, "unknown or invalid runtime name: foo"],
    [{ PortBindings: { "80/tcp": [{ HostPort: "99999" }] } }, 'invalid port specification: "99999"'],
    [
      { Binds: ["/a:b"] },
      `invalid volume specification: '/a:b': invalid mount config for type "bind": invalid mount path: 'b' mount path must be absolute`,
    ],
    [{ Binds: ["/a:/b:zzz"] }, "invalid mode: zzz"],
    [{ Binds: ["/a:/b:ro,rw"] }, "invalid mode: ro,rw"],
    [
      { Binds: ["/a:/"] },
      `invalid volume specification: '/a:/': invalid mount config for type "bind": invalid specification: destination can't be '/'`,
    ],
    [{ Binds: ["/a:/b:ro:x"] }, "invalid volume specification: '/a:/b:ro:x'"],
    [{ Binds: ["/a:/b", "/c:/b"] }, "Duplicate mount point: /b"],
    [
      { Binds: ["vv:x"] },
      `invalid volume specification: 'vv:x': invalid mount config for type "volume": invalid mount path: 'x' mount path must be absolute`,
    ],
    [
      { Binds: ["x"] },
      `invalid volume specification: 'x': invalid mount config for type "volume": invalid mount path: 'x' mount path must be absolute`,
    ],
    [
      { Binds: ["vv:/x:rshared"] },
      `invalid volume specification: 'vv:/x:rshared': invalid mount config for type "volume": field BindOptions must not be specified`,
    ],
    [
      { Binds: ["/tmp:/x:nocopy"] },
      `invalid volume specification: '/tmp:/x:nocopy': invalid mount config for type "bind": field VolumeOptions must not be specified`,
    ],
    [{ Binds: ["v:/x"] }, "create v: volume name is too short, names should be at least two alphanumeric characters"],
    [{ Binds: ["v1:/x"], Tmpfs: { "/x": "" } }, "Duplicate mount point: /x"],
    [{ Binds: ["vz:/x"], VolumeDriver: "foo" }, 'create vz: error looking up volume plugin foo: plugin "foo" not found'],
    [
      { Mounts: [{ Type: "volume", Target: "/x", ReadOnly: true }] },
      'invalid mount config for type "volume": must not set ReadOnly mode when using anonymous volumes',
    ],
    [
      { Mounts: [{ Type: "volume", Target: "/x", VolumeOptions: { Subpath: "x" } }] },
      'invalid mount config for type "volume": must not set Subpath when using anonymous volumes',
    ],
    [
      { Mounts: [{ Type: "volume", Source: "v1", Target: "/x", VolumeOptions: { Subpath: "a/../../x" } }] },
      'invalid mount config for type "volume": subpath must be a relative path within the volume',
    ],
    [
      { Mounts: [{ Type: "volume", Source: "v1", Target: "/x", BindOptions: {} }] },
      'BindOptions must not be specified on mount type "volume"',
    ],
    [
      { Mounts: [{ Type: "tmpfs", Source: "v1", Target: "/x" }] },
      'invalid mount config for type "tmpfs": field Source must not be specified',
    ],
    [
      { Mounts: [{ Type: "tmpfs", Target: "/x", TmpfsOptions: { Options: [["noexec"], ["foo"]] } }] },
      'invalid mount config for type "tmpfs": invalid option: foo',
    ],
    [{ IOMaximumIOps: 1 }, "invalid option: QoS maximum IOPs configuration is not supported on linux"],
    [{ IOMaximumBandwidth: 1 }, "invalid option: QoS maximum bandwidth configuration is not supported on linux"],
    [
      { Devices: [{ PathOnHost: "/dev/null", CgroupPermissions: "z" }] },
      "invalid device cgroup permissions 'z' of /dev/null: only r, w and m are known",
    ],
    [{ Tmpfs: { rel: "" } }, "invalid mount path: 'rel' mount path must be absolute"],
    [{ Mounts: [{ Type: "foo", Target: "/t" }] }, 'invalid mount config for type "foo": mount type unknown'],
    [{ Mounts: [{ Type: "bind", Source: "/tmp" }] }, 'invalid mount config for type "bind": field Target must not be empty'],
  ])("refuses %j in Docker's words", (host, words) => {
    expect(refusal({ Image: "x", HostConfig: host })).toBe(words);
  });

  test("refuses two endpoints to clients before 1.44", () => {
    const body = { Image: "x", NetworkingConfig: { EndpointsConfig: { default: {}, bridge: {} } } };
    expect(refusal(body, "1.43")).toContain("multiple network endpoints");
    expect(refusal(body, "1.44")).toBe("accepted");
  });

  test("drops ports on the host's network and says so", () => {
    const { spec, warnings } = read({ Image: "x", HostConfig: { NetworkMode: "host", PortBindings: { "80/tcp": [{ HostPort: "80" }] } } });
    expect(spec.host.ports).toEqual([]);
    expect(warnings).toEqual(["Published ports are discarded when using host network mode"]);
  });
});
