import { describe, expect, test } from "bun:test";
import { findCommand } from "../catalogue.ts";
import { parseFlags } from "../parse-flags.ts";
import { absentCommand, isAbsentGroup } from "./absent-command.ts";
import { absentTable } from "./table.ts";

const paths = absentTable
  .trim()
  .split("\n")
  .flatMap((line) => (line.split(" ;")[0] ?? "").split(", "));

describe("absentCommand()", () => {
  test("knows every swarm command, and none that is here", () => {
    expect(paths.filter((path) => path.startsWith("swarm "))).toEqual(
      ["ca", "init", "join", "join-token", "leave", "unlock", "unlock-key", "update"].map((name) => `swarm ${name}`),
    );
    expect([absentCommand("ps"), absentCommand("swarm"), absentCommand("swarm nope")]).toEqual([undefined, undefined, undefined]);
    expect(paths.filter((path) => findCommand(path) !== undefined)).toEqual([]);
  });

  test("parses flags as Docker does and refuses others", () => {
    const command = absentCommand("service create");
    if (command === undefined) throw new Error("no such row");
    const { values, positionals } = parseFlags(command, ["-d", "--name", "web", "-eA=1", "busybox", "sh", "-c", "x"]);
    expect([values.bool("detach"), values.list("name"), values.list("env"), positionals]).toEqual([
      true,
      ["web"],
      ["A=1"],
      ["busybox", "sh", "-c", "x"],
    ]);
    expect(() => parseFlags(command, ["--nope"])).toThrow("unknown flag: --nope");
  });

  test("has a synopsis and sensible counts for each", () => {
    for (const path of paths) {
      const { min, max = Infinity } = absentCommand(path)?.args ?? { min: -1 };
      expect({ path, sensible: min >= 0 && min <= max }).toEqual({ path, sensible: true });
    }
  });

  test("isAbsentGroup() is true for words that begin such commands", () => {
    expect([isAbsentGroup("swarm"), isAbsentGroup("builder"), isAbsentGroup("ps")]).toEqual([true, true, false]);
  });
});
