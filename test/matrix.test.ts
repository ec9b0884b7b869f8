// The matrix's own pieces: what is said, what shows, and that a fault is seen.
import { describe, expect, test } from "bun:test";
import { lineOf, type MatrixCase, matrixCases } from "./matrix/cases.ts";
import { explain } from "./matrix/differences.ts";
import { changeFrom, compareFacts, type Facts } from "./matrix/facts.ts";
import { flagCoverage } from "./matrix/observables.ts";
import { options } from "./matrix/options/index.ts";
import { comparable, recorded, type Recording, recordingPath } from "./matrix/recording.ts";

const cases = matrixCases();
const recording = (await Bun.file(recordingPath).json()) as Recording;
const docker = new Map<string, Facts>(cases.map((one) => [one.name, recorded(recording, one)]));
/** Docker's help leaves them out where the daemon runs on Linux. */
const forWindows = ["cpu-count", "cpu-percent", "io-maxbandwidth", "io-maxiops"];

describe("the cases", () => {
  test("are 200, each another, and the same at each call", () => {
    expect(cases.length).toBe(201);
    expect(new Set(cases.map(lineOf)).size).toBe(201);
    expect(matrixCases().map(lineOf)).toEqual(cases.map(lineOf));
  });

  test("say every flag that Docker's help has, at least twice", () => {
    const help = [...docker.values()].map((facts) => facts["stdout"] ?? "").find((text) => text.includes("--sig-proxy")) ?? "";
    const known = [...help.matchAll(/--([\w-]+)/g)].map(([, flag]) => flag ?? "");
    expect(known.length).toBeGreaterThan(95);
    const said = flagCoverage(cases, docker);
    expect([...known, ...forWindows].filter((flag) => (said.find((entry) => entry.flag === flag)?.said ?? 0) < 2)).toEqual([]);
  });

  test("let every flag be seen in at least two of them, or say why none can", () => {
    const coverage = flagCoverage(cases, docker);
    const unseen = coverage.filter(({ shown }) => shown < 2);
    console.log(
      `flags without an observable: ${unseen.map(({ flag, silent }) => `--${flag} (${silent.join("; ")})`).join(", ") || "none"}`,
    );
    expect(unseen.filter(({ silent }) => silent.length === 0).map(({ flag, shown }) => `${flag} ${shown}`)).toEqual([]);
  });

  test("use every option", () => {
    expect(options.filter((option) => !cases.some((one) => one.options.includes(option))).map(({ words }) => words.join(" "))).toEqual([]);
  });
});

describe("compareFacts()", () => {
  const one = cases.find(({ options: chosen }) => chosen.some(({ flag }) => flag === "cpu-shares" && !chosen.some((o) => o.refused)));
  const facts = docker.get(one?.name ?? "") ?? {};
  const differences = (ours: Facts): readonly string[] =>
    compareFacts(facts, ours)
      .filter((difference) => explain(one as MatrixCase, difference, { docker: facts, ours }) === undefined)
      .map(({ fact }) => fact);

  test("finds nothing where all is the same, and each fact that was changed, is gone or is new", () => {
    expect(differences(facts)).toEqual([]);
    for (const fact of [
      "groups/cpu/cpu.shares",
      "status/CapEff",
      "mount//dev/shm",
      "limits/Max_open_files",
      "inspect/HostConfig/CpuShares",
    ]) {
      expect([fact, facts[fact] === undefined]).toEqual([fact, false]);
      expect(differences({ ...facts, [fact]: "another" })).toEqual([fact]);
      const { [fact]: _, ...without } = facts;
      expect(differences(without)).toEqual([fact]);
    }
    expect(differences({ ...facts, "mount//planted": "tmpfs" })).toEqual(["mount//planted"]);
  });

  test("says of another end only how it ended", () => {
    expect(differences({ exit: "125", stderr: "no" })).toEqual(["exit", "stderr"]);
  });
});

test("changeFrom() and recorded() are each other's inverse", () => {
  expect(changeFrom({ a: "1", b: "2" }, { a: "1", c: "3" })).toEqual({ b: null, c: "3" });
});

test("comparable() leaves out what is the machine's", () => {
  const elsewhere = comparable({ ...recording, machine: { cgroups: recording.machine.cgroups, appArmor: false, cpus: 4_096 } });
  expect(["groups/cpu/cpu.shares", "stderr", "env/A"].map(elsewhere)).toEqual([false, false, true]);
});
