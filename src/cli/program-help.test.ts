import { describe, expect, test } from "bun:test";
import { globalFlags } from "./global-flags.ts";
import { programHelp } from "./program-help.ts";

describe("programHelp()", () => {
  test.each(["gantry", "docker"])("speaks of %s alone where it was called by that name", (program) => {
    const help = programHelp(program, globalFlags({ HOME: "/somebody" }, program), { columns: 200, plugins: [] });
    const commands = [...help.matchAll(/(\w+) (?:context use|COMMAND --help|\[OPTIONS\])/g)].map(([, name]) => name);
    expect(commands).toEqual([program, program, program]);
  });
});
