import { fault } from "#base";
import type { MachineFacts } from "./machine.ts";
import type { Ulimit } from "./spec.ts";

interface Rlimit {
  readonly type: string;
  readonly soft: number;
  readonly hard: number;
}

/**
 * Open files of a container that asks for nothing, where the daemon has as many to give: what systemd gives a service, and Docker from 29
 * on. A million, as before, made programs slow that walk over every number a descriptor could have (row H25).
 */
const defaultNofile = { soft: 1_024, hard: 524_288 };

/** No limit, as the kernel writes it (RLIM_INFINITY, getrlimit(2)). */
const unlimited = 2 ** 64;

const known: ReadonlySet<string> = new Set([
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
]);

/** Limits of a process: those asked for, and the default number of open files. @throws invalid for one above the daemon's own */
export function planUlimits(ulimits: readonly Ulimit[], machine: MachineFacts): readonly Rlimit[] {
  const asked = ulimits.map((ulimit) => planUlimit(ulimit, machine));
  if (asked.some((limit) => limit.type === "RLIMIT_NOFILE")) return asked;
  const hard = machine.raisesLimits ? defaultNofile.hard : Math.min(defaultNofile.hard, machine.limits.nofile);
  return [...asked, { type: "RLIMIT_NOFILE", soft: Math.min(defaultNofile.soft, hard), hard }];
}

/** What is told of limits that are lower here than elsewhere: once, by the daemon, since no container can do anything about them. */
export function limitWarnings(machine: MachineFacts): readonly string[] {
  if (machine.raisesLimits || machine.limits.nofile >= defaultNofile.hard) return [];
  return [
    `WARNING: containers can open at most ${machine.limits.nofile} files: the daemon cannot raise its own hard limit (it lacks CAP_SYS_RESOURCE)`,
  ];
}

function planUlimit(ulimit: Ulimit, machine: MachineFacts): Rlimit {
  const { name } = ulimit;
  if (!known.has(name)) throw fault("invalid", `invalid ulimit type: ${name}`);
  for (const limit of [ulimit.soft, ulimit.hard])
    if (limit < -1) throw fault("invalid", `invalid ulimit ${name}: ${limit} is neither a number nor -1, which is no limit`);
  const soft = ulimit.soft === -1 ? unlimited : ulimit.soft;
  const hard = ulimit.hard === -1 ? unlimited : ulimit.hard;
  if (soft > hard) throw fault("invalid", `ulimit soft limit must be less than or equal to hard limit: ${ulimit.soft} > ${ulimit.hard}`);
  const own = name === "nofile" || name === "nproc" ? machine.limits[name] : Infinity;
  if (hard > own && !machine.raisesLimits) {
    throw fault("invalid", `ulimit ${name}: hard limit ${ulimit.hard} is above the daemon's own ${own}, which it cannot raise`);
  }
  return { type: `RLIMIT_${name.toUpperCase()}`, soft, hard };
}
