import type { TlsOptions } from "../tls.ts";
import { wholeHost } from "./host-text.ts";
import type { LogSpec } from "#container";
import type { Settings } from "./settings.ts";
import type { AddressPoolSetting, RuntimeSetting, UlimitSetting } from "./compound-kinds.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface NetworkOptions {
  readonly bridge: string;
  /** CIDR of the bridge's address; absent lets the daemon choose a free pool. */
  readonly bip?: string;
  /** CIDR that addresses are given from; absent is the whole subnet. */
  readonly fixedCidr?: string;
  readonly gateway?: string;
  readonly mtu: number;
  readonly icc: boolean;
  /** Where ports are published that name no address. */
  readonly publishAddress: string;
  readonly forward: boolean;
  readonly masquerade: boolean;
  /** False makes no nftables table. */
  readonly rules: boolean;
  readonly dns: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly pools: readonly AddressPoolSetting[];
}

export interface ContainerOptions {
  readonly ulimits: readonly UlimitSetting[];
  /** Bytes. */
  readonly shmSize: number;
  readonly ipcMode: "private" | "shareable";
  /** Absent: private on cgroup v2, host on v1. */
  readonly cgroupNamespace?: "host" | "private";
  /** 0 is none; absent is as many as this machine can bear. */
  readonly pidsLimit?: number;
  /** Seconds. */
  readonly stopTimeout: number;
  readonly isSeccompOff: boolean;
  /** Path of a profile in place of the built-in one. */
  readonly seccompFile?: string;
  /** `userns-remap` as it was said; empty for none. */
  readonly remap: string;
  readonly noNewPrivileges: boolean;
  readonly hostGateways: readonly string[];
  readonly init: boolean;
  /** Absent is looked for. */
  readonly initPath?: string;
  readonly log: LogSpec;
}

export interface ImageOptions {
  readonly insecureRegistries: readonly string[];
  readonly mirrors: readonly string[];
  readonly authHosts: readonly string[];
  readonly maxDownloads: number;
  readonly maxUploads: number;
  readonly maxAttempts: number;
  /** Bytes of layers' blobs that are kept; absent: while the disk has room. */
  readonly layerBlobBudget?: number;
  readonly proxies: { readonly http: string; readonly https: string; readonly no: string };
  /** What layers become on disk, and how they are mounted where that is not left to the machine. */
  readonly layerDriver: { readonly driver: "auto" | "sealed" | "directory"; readonly method?: "file" | "loop" };
}

/** Everything that the daemon goes by. */
export interface DaemonOptions {
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly pidFile: string;
  /** With their protocols: unix://PATH, tcp://ADDRESS:PORT, fd://[NAME]. */
  readonly hosts: readonly string[];
  /** Names by which the API is called, beside those that it knows itself. */
  readonly apiNames: readonly string[];
  readonly tls: TlsOptions;
  readonly group: string;
  readonly logLevel: LogLevel;
  readonly logFormat: "text" | "json";
  readonly debug: boolean;
  readonly labels: readonly string[];
  readonly minApiVersion?: string;
  readonly experimental: boolean;
  readonly features: Readonly<Record<string, boolean>>;
  readonly oomScore: number;
  readonly shutdownTimeout: number;
  readonly liveRestore: boolean;
  /** "127.0.0.1:9323"; absent serves no metrics. */
  readonly metricsAddress?: string;
  readonly cgroupParent: string;
  readonly defaultRuntime?: string;
  /** None where CDI is turned off. */
  readonly cdiSpecDirs: readonly string[];
  readonly runtimes: Readonly<Record<string, RuntimeSetting>>;
  readonly network: NetworkOptions;
  readonly containers: ContainerOptions;
  readonly images: ImageOptions;
}

const usualSpecFolders = ["/etc/cdi", "/var/run/cdi"];

/** What was said, with what holds where nobody said anything. */
export function completeOptions(settings: Settings): DaemonOptions {
  const execRoot = settings["exec-root"] ?? "/run/gantry";
  const socket = `${execRoot}/gantry.sock`;
  const debug = settings.debug === true || settings["log-level"] === "debug" || settings["log-level"] === "trace";
  return {
    dataRoot: settings["data-root"] ?? "/var/lib/gantry",
    execRoot,
    pidFile: settings.pidfile ?? `${execRoot}/gantryd.pid`,
    hosts: (settings.hosts ?? [`unix://${socket}`]).map((host) => wholeHost(host, socket)),
    apiNames: settings["api-names"] ?? [],
    tls: tlsOptions(settings),
    group: settings.group ?? "docker",
    logLevel: debug ? "debug" : levelOf(settings["log-level"] ?? "info"),
    logFormat: settings["log-format"] === "json" ? "json" : "text",
    debug,
    labels: settings.labels ?? [],
    ...(settings["min-api-version"] !== undefined && { minApiVersion: settings["min-api-version"] }),
    experimental: settings.experimental ?? false,
    features: settings.features ?? {},
    oomScore: settings["oom-score-adjust"] ?? -500,
    shutdownTimeout: settings["shutdown-timeout"] ?? 15,
    liveRestore: settings["live-restore"] ?? false,
    ...(said(settings["metrics-addr"]) && { metricsAddress: settings["metrics-addr"] }),
    cgroupParent: settings["cgroup-parent"] ?? "",
    ...(said(settings["default-runtime"]) && { defaultRuntime: settings["default-runtime"] }),
    cdiSpecDirs: settings.features?.["cdi"] === false ? [] : (settings["cdi-spec-dirs"] ?? usualSpecFolders).filter((path) => path !== ""),
    runtimes: settings.runtimes ?? {},
    network: networkOptions(settings),
    containers: containerOptions(settings),
    images: imageOptions(settings),
  };
}

function tlsOptions({ tls, tlsverify = false, tlscacert, tlscert, tlskey }: Settings): TlsOptions {
  return {
    verify: tlsverify,
    ...(tls !== undefined && { tls }),
    ...(tlscacert !== undefined && { caPath: tlscacert }),
    ...(tlscert !== undefined && { certPath: tlscert }),
    ...(tlskey !== undefined && { keyPath: tlskey }),
  };
}

function networkOptions(settings: Settings): NetworkOptions {
  return {
    bridge: settings.bridge ?? "gantry0",
    ...(said(settings.bip) && { bip: settings.bip }),
    ...(said(settings["fixed-cidr"]) && { fixedCidr: settings["fixed-cidr"] }),
    ...(said(settings["default-gateway"]) && { gateway: settings["default-gateway"] }),
    mtu: settings.mtu ?? 1500,
    icc: settings.icc ?? true,
    publishAddress: settings.ip ?? "0.0.0.0",
    forward: settings["ip-forward"] ?? true,
    masquerade: settings["ip-masq"] ?? true,
    rules: settings.iptables ?? true,
    dns: settings.dns ?? [],
    dnsOptions: settings["dns-opts"] ?? [],
    dnsSearch: settings["dns-search"] ?? [],
    pools: settings["default-address-pools"] ?? [],
  };
}

function containerOptions(settings: Settings): ContainerOptions {
  const cgroupNamespace = settings["default-cgroupns-mode"];
  const seccomp = settings["seccomp-profile"] ?? "builtin";
  return {
    ulimits: Object.values(settings["default-ulimits"] ?? {}),
    shmSize: settings["default-shm-size"] ?? 67_108_864,
    ipcMode: settings["default-ipc-mode"] === "shareable" ? "shareable" : "private",
    ...((cgroupNamespace === "host" || cgroupNamespace === "private") && { cgroupNamespace }),
    ...(settings["default-pids-limit"] !== undefined && { pidsLimit: Math.max(0, settings["default-pids-limit"]) }),
    stopTimeout: settings["default-stop-timeout"] ?? 10,
    isSeccompOff: seccomp === "unconfined",
    ...(!["", "builtin", "unconfined"].includes(seccomp) && { seccompFile: seccomp }),
    remap: settings["userns-remap"] ?? "",
    noNewPrivileges: settings["no-new-privileges"] ?? false,
    hostGateways: settings["host-gateway-ips"] ?? (settings["host-gateway-ip"] === undefined ? [] : [settings["host-gateway-ip"]]),
    init: settings.init ?? false,
    ...(said(settings["init-path"]) && { initPath: settings["init-path"] }),
    log: logSpec(settings),
  };
}

function logSpec({ "log-driver": driver, "log-opts": options = {} }: Settings): LogSpec {
  return { driver: driver === "local" || driver === "none" ? driver : "json-file", options };
}

function imageOptions(settings: Settings): ImageOptions {
  const { proxies } = settings;
  return {
    insecureRegistries: settings["insecure-registries"] ?? [],
    mirrors: settings["registry-mirrors"] ?? [],
    authHosts: settings["registry-auth-hosts"] ?? [],
    maxDownloads: settings["max-concurrent-downloads"] ?? 3,
    maxUploads: settings["max-concurrent-uploads"] ?? 5,
    maxAttempts: settings["max-download-attempts"] ?? 5,
    ...(settings["layer-blob-budget"] !== undefined && { layerBlobBudget: settings["layer-blob-budget"] }),
    proxies: {
      http: settings["http-proxy"] ?? proxies?.["http-proxy"] ?? "",
      https: settings["https-proxy"] ?? proxies?.["https-proxy"] ?? "",
      no: settings["no-proxy"] ?? proxies?.["no-proxy"] ?? "",
    },
    layerDriver: layerDriver(settings),
  };
}

function layerDriver(settings: Settings): ImageOptions["layerDriver"] {
  const driver = settings["storage-driver"];
  const method = settings["storage-opts"]?.at(-1)?.replace(/^sealed\.mount=/, "");
  return {
    driver: driver === "sealed" || driver === "directory" ? driver : "auto",
    ...((method === "file" || method === "loop") && { method }),
  };
}

function levelOf(text: string): LogLevel {
  if (text === "trace" || text === "debug") return "debug";
  return text === "warn" || text === "info" ? text : "error";
}

function said(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
