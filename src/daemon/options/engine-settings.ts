// The daemon itself: where it lives, who reaches it, what it says.
import { checkExecOptions, checkLabel, checkLabels, checkLogFormat, checkLogLevel, checkResource, isEmpty, isOneOf } from "./checks.ts";
import { anything } from "./compound-kinds.ts";
import { checkHost } from "./host-text.ts";
import { integer, text, texts, toggle, toggles } from "./kinds.ts";
import { setting } from "./setting.ts";

export const engineSettings = {
  "data-root": setting(text, "Root directory of persistent state", { fallback: "/var/lib/gantry" }),
  "exec-root": setting(text, "Root directory for execution state files", { fallback: "/run/gantry" }),
  pidfile: setting(text, "Path to use for daemon PID file", {
    short: "p",
    fallback: "/run/gantry/gantryd.pid",
    note: "in the exec root where one is named",
  }),
  hosts: setting(texts(checkHost), "Daemon socket(s) to connect to", {
    flag: "host",
    short: "H",
    check: (hosts) => hosts.forEach(checkHost),
    note: "`unix://PATH`, `tcp://ADDRESS:PORT`, `fd://[NAME]`",
  }),
  group: setting(text, "Group for the unix socket", { short: "G", fallback: "docker" }),
  "api-names": setting(texts(), "Names by which the API is called", {
    flag: "api-name",
    note: "gantry's own: beside localhost, addresses and the certificate's names; for a proxy that hands on the name it is called by",
  }),
  tls: setting(toggle, "Use TLS; implied by --tlsverify", { note: "TCP without it needs an explicit false and a loopback address" }),
  tlsverify: setting(toggle, "Use TLS and verify the remote"),
  tlscacert: setting(text, "Trust certs signed only by this CA"),
  tlscert: setting(text, "Path to TLS certificate file"),
  tlskey: setting(text, "Path to TLS key file"),
  "min-api-version": setting(text, "Minimum API version to serve", { flag: null, fallback: "1.24", check: checkApiVersion }),
  "authorization-plugins": setting(texts(), "Authorization plugins to load", {
    flag: "authorization-plugin",
    supports: isEmpty,
    reloads: true,
  }),
  "api-cors-header": setting(text, "Set CORS headers in the Engine API", { hidden: true, check: refuseCors }),
  debug: setting(toggle, "Enable debug mode", { short: "D", reloads: true }),
  "log-level": setting(text, 'Set the logging level ("debug"|"info"|"warn"|"error"|"fatal")', {
    short: "l",
    fallback: "info",
    check: checkLogLevel,
  }),
  "log-format": setting(text, 'Set the logging format ("text"|"json")', { fallback: "text", check: checkLogFormat }),
  "raw-logs": setting(toggle, "Full timestamps without ANSI coloring", { note: "the log is never coloured" }),
  labels: setting(texts(checkLabel), "Set key=value labels to the daemon", { flag: "label", reloads: true, check: checkLabels }),
  "live-restore": setting(toggle, "Enable live restore of docker when containers are still running", {
    reloads: true,
    note: "containers always outlive the daemon; `info` says true either way",
  }),
  "shutdown-timeout": setting(integer, "Set the default shutdown timeout", {
    fallback: "15",
    reloads: true,
    note: "the daemon's end stops no container, so there is nothing that it waits for",
  }),
  "oom-score-adjust": setting(integer, "Set the oom_score_adj for the daemon", { fallback: "-500", hidden: true }),
  "metrics-addr": setting(text, "Set default address and port to serve the metrics api on", { check: checkMetricsAddress }),
  experimental: setting(toggle, "Enable experimental features"),
  features: setting(toggles, "Enable feature in the daemon", {
    flag: "feature",
    reloads: true,
    supports: supportsFeatures,
    note: "images are always kept as `containerd-snapshotter` keeps them; false is refused",
  }),
  "exec-opts": setting(texts(), "Runtime execution options", {
    flag: "exec-opt",
    check: checkExecOptions,
    supports: (options) => options.every(isOneOf("native.cgroupdriver=cgroupfs", "native.cgroupdriver=")),
    note: "`native.cgroupdriver=cgroupfs`",
  }),
  containerd: setting(text, "containerd grpc address", { supports: isEmpty, note: "there is no containerd" }),
  "containerd-namespace": setting(text, "Containerd namespace to use", { fallback: "moby", note: "there is no containerd: names nothing" }),
  "containerd-plugins-namespace": setting(text, "Containerd namespace to use for plugins", {
    fallback: "plugins.moby",
    note: "there is no containerd: names nothing",
  }),
  "cri-containerd": setting(toggle, "start containerd with cri", { flag: "cri-containerd", supports: isOneOf(false) }),
  rootless: setting(toggle, "Enable rootless mode; typically used with RootlessKit", { supports: isOneOf(false) }),
  "swarm-default-advertise-addr": setting(text, "Set default address or interface for swarm advertised address", { supports: isEmpty }),
  "swarm-raft-heartbeat-tick": setting(integer, "Number of ticks between swarm raft heartbeats", { hidden: true, supports: isOneOf(0) }),
  "swarm-raft-election-tick": setting(integer, "Number of ticks for a swarm raft election", { hidden: true, supports: isOneOf(0) }),
  "node-generic-resources": setting(texts(), "Advertise user-defined resource", {
    flag: "node-generic-resource",
    check: checkResource,
    supports: isEmpty,
  }),
  "deprecated-key-path": setting(anything, "Path to the key of image manifest v1", { flag: null, hidden: true, supports: isEmpty }),
} as const;

function checkApiVersion(version: string): void {
  const minor = /^1\.(\d{1,3})$/.exec(version)?.[1];
  if (minor === undefined || Number(minor) < 24 || Number(minor) > 51)
    throw new Error(`min-api-version: ${JSON.stringify(version)} is not a version from 1.24 to 1.51`);
}

function refuseCors(): void {
  throw new Error(
    'DEPRECATED: The "api-cors-header" config parameter and the dockerd "--api-cors-header" option have been removed; use a reverse proxy if you need CORS headers',
  );
}

function checkMetricsAddress(address: string): void {
  if (address !== "" && !/^(\[[0-9a-fA-F:.]+\]|[^:[\]]*):\d{1,5}$/.test(address))
    throw new Error(`metrics-addr: ${JSON.stringify(address)} is not ADDRESS:PORT`);
}

/** What Docker's features do here anyway, or would do without being there. */
function supportsFeatures(features: Readonly<Record<string, boolean>>): boolean {
  return features["containerd-snapshotter"] !== false;
}
