// What the probe printed, as facts.
import type { Reading } from "./facts.ts";
import { limitLines, type Surroundings } from "./surroundings.ts";

type Section = (lines: readonly string[], reading: Reading, surroundings: Surroundings) => void;
type PlainSection = (lines: readonly string[], reading: Reading) => void;

const statuses = "Uid Gid Groups CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp Cpus_allowed_list Mems_allowed_list".split(" ");
/** File systems of a disk: which one it is depends on the machine. */
const onDisk = new Set(["ext4", "xfs", "btrfs", "f2fs"]);

const sections: Readonly<Record<string, Section>> = {
  stdin: whole("stdin"),
  tty: whole("tty"),
  arguments: whole("arguments"),
  oom: whole("oom"),
  attr: whole("attr"),
  id: whole("id"),
  umask: whole("umask"),
  pwd: whole("pwd"),
  hostname: whole("hostname"),
  domainname: whole("domainname"),
  pid: (lines, reading) => reading.add("pid", lines[0] === "1" ? "1" : "another"),
  first: (lines, reading) => reading.add("first", (lines[0] ?? "").includes("probe") ? (lines[0] ?? "") : "not of the container"),
  comm: (lines, reading) => reading.add("comm", lines[0] ?? ""),
  env: named("env", /^(\w+)=(.*)$/s),
  sysctl: named("sysctl", /^(\S+) (.*)$/s),
  writes: named("writes", /^(\S+) (.*)$/s),
  groups: (lines, reading) => named("groups", /^(\S+) (.*)$/s)(lines.toSorted(), reading),
  status: (lines, reading) => {
    for (const line of lines) {
      const [name = "", value = ""] = line.split(":\t");
      if (statuses.includes(name)) reading.add(`status/${name}`, value.replaceAll("\t", " "));
    }
  },
  limits: (lines, reading, { limits }) => {
    for (const [name, value] of limitLines(lines.join("\n"))) {
      // An engine may raise its own soft limit; what it gives on is what it came with.
      const inherited = limits.get(name)?.split(" ")[1] === value.split(" ")[1];
      reading.add(`limits/${name.replaceAll(" ", "_")}`, inherited ? "<the engine's>" : value);
    }
  },
  mountinfo: (lines, reading) => {
    for (const line of lines) mountFact(reading, line);
  },
  cgroup: (lines, reading) => {
    const paths = new Set(lines.map((line) => line.replace(/^\d+:/, "").replace(/^[^:]*:/, "")));
    reading.add("cgroup", [...paths].toSorted().join(" "));
  },
  namespaces: (lines, reading, surroundings) => {
    for (const line of lines) {
      const [kind = "", link = ""] = line.split(" ");
      reading.add(`namespaces/${kind}`, surroundings.ownerOf(kind, link));
    }
  },
  hosts: (lines, reading) => {
    for (const line of lines) reading.add("hosts", line.replaceAll(/\s+/g, " "));
  },
  resolv: (lines, reading, { resolv }) => {
    for (const line of lines.filter((text) => !text.startsWith("#"))) reading.add("resolv", resolv.has(line) ? "<the engine's>" : line);
  },
  devices: (lines, reading) => {
    // Those of a privileged container are the machine's.
    if (lines.length > 60) reading.add("devices", "the machine's");
    else for (const line of lines) namedLine(reading, "device", line);
  },
  links: (lines, reading) => {
    for (const line of lines) {
      const [, name = "", mtu = ""] = /^\d+: ([^:@]+)\S* .*mtu (\d+)/.exec(line) ?? [];
      if (!/^(?:lo|eth\d+)$/.test(name)) continue;
      reading.add("links", name);
      const mac = /link\/\S+ (\S+)/.exec(line)?.[1] ?? "";
      reading.add(`link/${name}`, `mtu ${mtu} ${/^(?:92:d0:c6|00:00:00)/.test(mac) ? mac : "<mac>"}`);
    }
  },
  addresses: (lines, reading) => {
    for (const line of lines) {
      const [, name = "", address = ""] = /^\d+: (\S+) +(inet\S* \S+)/.exec(line) ?? [];
      if (/^(?:lo|eth\d+)$/.test(name) && !address.startsWith("inet6 fe80")) reading.add(`address/${name}`, address);
    }
  },
  routes: (lines, reading) => {
    for (const line of lines.filter((text) => / dev eth\d/.test(text))) reading.add("routes", line);
  },
  found: (lines, reading) => {
    for (const line of lines) {
      if (line.startsWith("/")) namedLine(reading, "found", line);
      else reading.add("words", line);
    }
  },
};

/** Of the host's network, what is the machine's and not the container's. */
const ofTheNetwork = new Set(["links", "addresses", "routes"]);

export function probeFacts(reading: Reading, text: string, surroundings: Surroundings): void {
  const { probe, lines } = splitSections(text.replaceAll("\r", ""));
  const network = (lines.get("namespaces") ?? []).find((line) => line.startsWith("net "));
  const hosts = surroundings.ownerOf("net", network?.split(" ")[1] ?? "") === "host";
  for (const [name, section] of Object.entries(probe ? sections : {})) {
    if (!hosts || !ofTheNetwork.has(name)) section(lines.get(name) ?? [], reading, surroundings);
  }
  reading.add("probe", probe ? "whole" : "none");
}

function splitSections(text: string): { readonly probe: boolean; readonly lines: ReadonlyMap<string, string[]> } {
  const lines = new Map<string, string[]>();
  let section: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("@")) lines.set(line.slice(1), (section = []));
    else if (line !== "") section.push(line);
  }
  return { probe: lines.has("end"), lines };
}

function whole(name: string): PlainSection {
  return (lines, reading) => reading.add(name, lines.join(" | "));
}

/** A line has a name and a value. */
function named(prefix: string, pattern: RegExp): PlainSection {
  return (lines, reading) => {
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match !== null) reading.add(`${prefix}/${match[1]}`, match[2] ?? "");
    }
  };
}

function namedLine(reading: Reading, prefix: string, line: string): void {
  const [name = "", ...rest] = line.split(" ");
  reading.add(`${prefix}/${name}`, rest.join(" "));
}

/** By its target: type, options, propagation and what of its file system it shows. */
function mountFact(reading: Reading, line: string): void {
  const [before = "", after = ""] = line.split(" - ");
  const [, , , root = "", target = "", options = "", ...tags] = before.split(" ");
  const [type = "", , more = ""] = after.split(" ");
  const propagation = tags.map((tag) => tag.replace(/:\d+$/, "")).join(" ");
  const settings = more.split(",").filter((word) => !/^(?:inode64|nr_inodes=.*)$/.test(word));
  const disk = onDisk.has(type);
  // The init program lies where the machine has it.
  const shownRoot = root === "/" || target === "/sbin/docker-init" ? "" : type === "cgroup" || type === "cgroup2" ? "<cgroup>" : root;
  const shownSettings = disk || type === "overlay" ? "" : settings.join(",");
  reading.add(
    `mount/${target}`,
    [disk ? "<disk>" : type, options, propagation, shownRoot, shownSettings].filter((word) => word !== "").join(" "),
  );
}
