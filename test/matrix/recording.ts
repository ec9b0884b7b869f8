// What a real Docker showed, in a file that says of each case only in what it differs from the plain one.
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { type MatrixCase, lineOf } from "./cases.ts";
import { applyChange, type Change, changeFrom, type Facts } from "./facts.ts";

/** What of a machine shows in facts. */
interface Machine {
  readonly cgroups: 1 | 2;
  readonly appArmor: boolean;
  readonly cpus: number;
}

export interface Recording {
  readonly engine: string;
  readonly machine: Machine;
  readonly plain: Facts;
  readonly cases: Readonly<Record<string, RecordedCase>>;
}

interface RecordedCase {
  readonly line: string;
  readonly from: Base;
  readonly change: Change;
}

/** What a case is told from: the plain one, what was said of it without running it, or nothing, where Docker refused. */
type Base = "plain" | "inspect" | "nothing";

function baseFacts(base: Base, plain: Facts): Facts {
  if (base === "plain") return plain;
  return Object.fromEntries(Object.entries(plain).filter(([name]) => base === "inspect" && name.startsWith("inspect/")));
}

export const recordingPath = join(import.meta.dir, "../fixtures/matrix/docker.json");

export function machine(): Machine {
  return {
    cgroups: existsSync("/sys/fs/cgroup/cgroup.controllers") ? 2 : 1,
    appArmor: existsSync("/sys/kernel/security/apparmor"),
    cpus: cpus().length,
  };
}

export function record(engine: string, cases: readonly MatrixCase[], seen: ReadonlyMap<string, Facts>): Recording {
  const plain = seen.get("m000") ?? {};
  return {
    engine,
    machine: machine(),
    plain,
    cases: Object.fromEntries(cases.map((one) => [one.name, { line: lineOf(one), ...shortest(plain, seen.get(one.name) ?? {}) }])),
  };
}

function shortest(plain: Facts, facts: Facts): Pick<RecordedCase, "from" | "change"> {
  const tellings = (["plain", "inspect", "nothing"] as const).map((from) => ({ from, change: changeFrom(baseFacts(from, plain), facts) }));
  const [least] = tellings.toSorted((left, right) => Object.keys(left.change).length - Object.keys(right.change).length);
  return least ?? { from: "nothing", change: facts };
}

/** @throws when Docker was asked something else, or nothing: record anew */
export function recorded({ plain, cases }: Recording, one: MatrixCase): Facts {
  const found = cases[one.name];
  if (found?.line !== lineOf(one)) throw new Error(`${one.name} is not what Docker was asked: bun run record:matrix`);
  return applyChange(baseFacts(found.from, plain), found.change);
}

/** Facts that say the same on this machine as on the one where Docker was asked. */
export function comparable({ machine: theirs }: Recording): (fact: string) => boolean {
  const here = machine();
  const skipped: string[] = [];
  if (here.cgroups !== theirs.cgroups || here.cpus !== theirs.cpus) {
    // Warnings and refusals are about what the kernel's control groups can do.
    skipped.push("^(?:cgroup|groups/.*|status/Cpus_.*|namespaces/cgroup|mount//sys/fs/cgroup.*|writes//sys.*|stderr|exit)$");
    skipped.push("^inspect/(?:State/.*|HostConfig/(?:Blkio.*|Cpu.*|Memory.*|Oom.*|Pids.*|CgroupnsMode))");
  }
  if (here.appArmor !== theirs.appArmor) skipped.push("^(?:attr|inspect/AppArmorProfile)$");
  return (fact) => !skipped.some((pattern) => new RegExp(pattern).test(fact));
}
