import { existsSync } from "node:fs";
import type { Difference } from "./compare.ts";
import type { Played } from "./play.ts";

/** A difference from Docker that we mean, or do not mend yet, and why. One that is not met any more fails the table. */
export interface KnownDifference {
  /** Which requests, by their line: "GET /containers/life/json". */
  readonly asks: RegExp;
  /** Only where our status is this. */
  readonly status?: RegExp;
  /** Where in the answer, as a JSON pointer. */
  readonly at: RegExp;
  /** What we say there; whatever when absent. */
  readonly ours?: unknown;
  readonly reason: string;
  /** Whether there is such a difference depends on the machine; false where there is none. */
  readonly machine?: boolean;
}

const inspect = /^GET \/containers\/[^/]+\/json/;
/** Docker was asked on a machine with the first version of control groups. */
const isUnified = existsSync("/sys/fs/cgroup/cgroup.controllers");
/** A request that we answer with 501, which names what is missing. */
const notThere = (asks: RegExp, reason: string): KnownDifference => ({ asks, at: /^\/(status|headers|body)/, status: /^501 /, reason });

export const knownDifferences: readonly KnownDifference[] = [
  { asks: /\/_ping$/, at: /^\/headers\/builder-version$/, ours: "1", reason: "there is no BuildKit to ask yet" },
  { asks: /\/version$/, at: /^\/body\/Components$/, reason: "the components are ours" },
  {
    asks: /\/info$/,
    at: /^\/body\/(Containerd|Runtimes\/.+|RuncCommit\/Expected)$/,
    reason: "no containerd; runtimes are what the machine has",
  },
  { asks: /\/info$/, at: /^\/body\/Warnings/, reason: "a daemon that may not raise limits says so", machine: true },
  {
    asks: /^GET \/(containers|images)\/.+\/json/,
    at: /^\/body\/(Driver|GraphDriver\/Name)$/,
    reason: "layers are kept by a driver of our own",
  },
  { asks: inspect, at: /^\/body\/HostConfig\/PortBindings$/, reason: "no port bindings and an empty table of them are the same to us" },
  { asks: inspect, at: /^\/body\/HostConfig\/Runtime$/, reason: "the runtime that the machine has", machine: true },
  {
    asks: inspect,
    at: /^\/body\/HostConfig\/CgroupnsMode$/,
    reason: "the second version of control groups has namespaces",
    machine: isUnified,
  },
  {
    asks: /\/(info|containers\/[^/]+\/stats)/,
    at: /^\/body\//,
    reason: "the versions of control groups count otherwise",
    machine: isUnified,
  },
  {
    asks: /\/containers\/[^/]+\/stats/,
    at: /^\/body\/blkio_stats\/io_service(d|_bytes)_recursive$/,
    reason: "a program comes from the disk when its layer is not in memory, and a sealed layer is not until it is read",
    machine: true,
  },
  {
    asks: inspect,
    at: /^\/body\/HostConfig\/IpcMode$/,
    ours: "private",
    reason: "memory is private unless it is asked to be shared, where Docker shares it at old versions",
  },
  { asks: inspect, at: /^\/body\/LogPath$/, reason: "the log lies under a name of our own" },
  { asks: inspect, at: /^\/body\/NetworkSettings\/SandboxKey$/, ours: "", reason: "the namespace is held by the monitor and has no path" },
  {
    asks: inspect,
    at: /^\/body\/NetworkSettings\/Networks\/bridge\/DNSNames$/,
    reason: "Docker gives the default network names once a container was renamed",
  },
  {
    asks: /^GET \/(images\/|system\/df)/,
    at: /\/Descriptor\/annotations$/,
    reason: "the names of an archive's index are not kept beside the names",
  },
  { asks: /^GET \/images\/json$|dangling|label!/, at: /^\/body\/\d\/RepoDigests$/, reason: "Docker shows one of several repositories" },
  {
    asks: /^POST \/images\/load/,
    at: /^\/body\/0\/(error|errorDetail\/message)$/,
    reason: "ours says what is wrong with the archive, and where",
  },
  {
    asks: /^GET \/networks/,
    at: /\/(IPAM\/Config\/0\/Subnet|Options\/com\.docker\.network\.bridge\.name|Containers\/[^/]+\/IPv4Address)$/,
    reason: "the bridge of a test has a name and addresses of its own",
  },
  {
    asks: /^POST \/containers\/create\?name=walls-refused/,
    at: /^\/status$/,
    ours: "400 Bad Request",
    reason: "a security option or a parameter that is none is the caller's mistake, where Docker says that it is its own",
  },
  {
    asks: /^GET \/containers\/mounts\/json/,
    at: /^\/body\/Mounts\/0\/Source$/,
    ours: "sha256:<Image of inspect: nothing asked>",
    reason: "an image that is mounted lies nowhere where anybody could look at it; ours says which image it is",
  },
  {
    asks: /^GET \/containers\/mounts\/json/,
    at: /^\/body\/Mounts\/0\/(Source|Name)$/,
    ours: "<Name of inspect: -v /m/vol>",
    reason: "Docker does not tell the name of a nameless volume in Binds before the container has run",
  },
  {
    asks: /^GET \/containers\/mounts\/json/,
    at: /^\/body\/Mounts\/0\/Source$/,
    ours: "<root>/volumes/<Name of inspect: -v /m/vol>/_data",
    reason: "as the name above",
  },
  {
    asks: /^POST \/containers\/mounts\/start/,
    status: /^(404|500) /,
    at: /^\/body\/message$/,
    reason: "the words of runc and of the places where Docker's images lie",
  },
  {
    asks: /^POST \/containers\/create\?name=mounts-refused/,
    at: /^\/status$/,
    status: /^400 /,
    ours: "400 Bad Request",
    reason: "a volume that no start could mount is refused at the create",
  },
  {
    asks: /^POST \/containers\/create\?name=mounts-refused/,
    at: /^\/body\/(Id|Warnings)$/,
    reason: "as the status above",
  },
  {
    asks: /^POST \/containers\/create\?name=mounts-refused/,
    at: /^\/body\/message$/,
    ours: "invalid specification: destination can't be '/'",
    reason: "as the status above",
  },
  notThere(/^DELETE \/containers\/nobody\?link/, "links"),
  notThere(/^GET \/plugins\/[^/]+\/json/, "plugins come last"),
];

/** The entry that a difference falls under. */
export function explain({ step, answer }: Played, difference: Difference): KnownDifference | undefined {
  return knownDifferences.find(
    ({ asks, status, at, ours, machine }) =>
      machine !== false &&
      asks.test(step.ask) &&
      (status?.test(answer.status) ?? true) &&
      at.test(difference.at) &&
      (ours === undefined || Bun.deepEquals(ours, difference.ours)),
  );
}
