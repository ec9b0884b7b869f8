import { capabilityNames } from "#container";
import { containers, contexts, environmentNames, images } from "./sources.ts";
import { choice, directives, files, nothing, only, type Situation, type Source, type Suggestions } from "./suggestion.ts";

const signals = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM CHLD CONT STOP TSTP TTIN TTOU URG WINCH".split(" ");
const platforms = "linux/386 linux/amd64 linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/arm64 linux/ppc64le linux/riscv64 linux/s390x".split(
  " ",
);
const limits = "as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(" ");
const levels = ["debug", "info", "warn", "error", "fatal", "panic"];
const states = ["created", "dead", "exited", "paused", "removing", "restarting", "running"];
const eventActions =
  "attach create destroy detach die exec_create exec_start kill oom pause rename resize restart start stop unpause update".split(" ");

/** What the value of a flag is, by the flag's name. A flag that is not here takes files, as in Docker. */
const sources: Readonly<Record<string, Source>> = {
  attach: choice("stderr", "stdin", "stdout"),
  "cap-add": choice("ALL", ...capabilityNames),
  "cap-drop": choice("ALL", ...capabilityNames),
  context: contexts,
  cpus: nothing,
  "detach-keys": () => only(["ctrl-"], directives.noSpace | directives.noFiles),
  env: environmentNames,
  expose: nothing,
  format: choice("json", "table"),
  from: contexts,
  hostname: nothing,
  label: nothing,
  last: nothing,
  "log-level": choice(...levels),
  memory: nothing,
  mount: nothing,
  name: nothing,
  network: choice("bridge", "host", "none"),
  "pids-limit": nothing,
  platform: choice(...platforms),
  publish: nothing,
  pull: choice("always", "missing", "never"),
  restart: choice("always", "no", "on-failure", "unless-stopped"),
  signal: choice(...signals),
  "stop-signal": choice(...signals),
  "stop-timeout": nothing,
  tail: nothing,
  timeout: nothing,
  type: choice("container", "image"),
  ulimit: () => keys(limits),
  user: nothing,
  "volumes-from": containers(),
  workdir: nothing,
};

/** Names of filters of a list, each with where its values come from. */
const filters: Readonly<Record<string, Readonly<Record<string, Source>>>> = {
  ps: {
    ancestor: images,
    before: containers(),
    exited: nothing,
    health: choice("healthy", "none", "starting", "unhealthy"),
    id: nothing,
    label: nothing,
    name: containers(),
    network: choice("bridge", "host", "none"),
    publish: nothing,
    since: containers(),
    status: choice(...states),
    volume: nothing,
  },
  images: { before: images, dangling: choice("false", "true"), label: nothing, reference: nothing, since: images, until: nothing },
  events: {
    container: containers(),
    daemon: nothing,
    event: choice(...eventActions),
    image: images,
    label: nothing,
    type: choice("container", "daemon", "image", "network", "volume"),
  },
};

/** The values of a flag of the command that has these paths. */
export function flagSource(name: string, paths: readonly string[]): Source {
  if (name !== "filter") return sources[name] ?? files;
  const known = filters[paths.find((path) => path in filters) ?? ""];
  return known === undefined ? nothing : (situation) => filterValues(known, situation);
}

/** `status=` and then what may follow it. */
async function filterValues(known: Readonly<Record<string, Source>>, situation: Situation): Promise<Suggestions> {
  const equals = situation.word.indexOf("=");
  if (equals === -1) return keys(Object.keys(known));
  const name = situation.word.slice(0, equals);
  const source = known[name];
  if (source === undefined) return only([]);
  const { values } = await source({ ...situation, word: situation.word.slice(equals + 1), taken: [] });
  return only(values.map(({ value }) => `${name}=${value}`));
}

function keys(names: readonly string[]): Suggestions {
  return only(
    names.map((name) => `${name}=`),
    directives.noSpace | directives.noFiles,
  );
}
