import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "bun:test";
import { imports as rooms } from "../package.json";
import { importsOf } from "./support/import-graph.ts";
import { findViolations } from "./support/room-rules.ts";

const root = resolve(import.meta.dir, "..");

function sources(): Map<string, string> {
  const files = [...new Bun.Glob("src/**/*.ts").scanSync(root)].filter((file) => !file.endsWith(".test.ts")).toSorted();
  return new Map(files.map((file) => [file, readFileSync(resolve(root, file), "utf8")]));
}

function violationsOf(tree: Readonly<Record<string, string>>): string[] {
  return findViolations(new Map(Object.entries(tree)), rooms);
}

test("the rooms keep their rules", () => {
  expect(findViolations(sources(), rooms)).toEqual([]);
});

test("every room has one door", () => {
  expect(Object.values(rooms).filter((path) => !/^\.\/src\/.+\/index\.ts$/.test(path))).toEqual([]);
});

describe("findViolations()", () => {
  const planted: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
    ["an arrow upwards", { "src/base/a.ts": '\nimport { b } from "#engine";' }, ["src/base/a.ts:2: base may not import engine"]],
    [
      "a type import",
      { "src/engine/a.ts": 'import type { B } from "#linux";' },
      ["src/engine/a.ts:1: engine may not import adapters/linux"],
    ],
    [
      "a list over several lines",
      { "src/wire/a.ts": 'import {\n  type A,\n  b,\n} from "#image";' },
      ["src/wire/a.ts:4: wire may not import model/image"],
    ],
    ["a dynamic import", { "src/cli/a.ts": 'const a = await import("#engine");' }, ["src/cli/a.ts:1: cli may not import engine"]],
    [
      "a path into another room",
      { "src/engine/a.ts": 'import { b } from "../model/image/b.ts";' },
      ["src/engine/a.ts:1: model/image is another room: by name, not ../model/image/b.ts"],
    ],
    [
      "adapters that import each other",
      { "src/adapters/store/a.ts": 'export { b } from "#fabric";' },
      ["src/adapters/store/a.ts:1: adapters/store may not import adapters/fabric"],
    ],
    [
      "an import of a worker",
      { "src/adapters/linux/a.ts": 'import "../workers/kernel.ts";' },
      ["src/adapters/linux/a.ts:1: nothing imports a worker"],
    ],
    ["a room by name from inside", { "src/base/a.ts": 'import { b } from "#base";' }, ["src/base/a.ts:1: inside base, by relative path"]],
    ["a room that is not there", { "src/base/a.ts": 'import { b } from "#attic";' }, ["src/base/a.ts:1: no room is called #attic"]],
    ["a missing ending", { "src/base/a.ts": 'import { b } from "./b";' }, ["src/base/a.ts:1: ./b lacks its ending"]],
    [
      "a wholesale export",
      { "src/base/index.ts": 'export * from "./a.ts";' },
      ["src/base/index.ts:1: a room's index is an explicit list of names"],
    ],
    [
      "a system call elsewhere",
      { "src/adapters/store/a.ts": 'import { dlopen } from "bun:ffi";' },
      ["src/adapters/store/a.ts:1: system calls live in adapters/linux"],
    ],
    [
      "a file read by the engine",
      { "src/engine/a.ts": 'const text = await Bun.file("x").text();' },
      ["src/engine/a.ts:1: files are touched by adapters and by the command line"],
    ],
    [
      "a program started by the fabric",
      { "src/adapters/fabric/a.ts": 'Bun.spawn(["ip", "link"]);' },
      ["src/adapters/fabric/a.ts:1: programs are started by adapters/runtime, by the client (ssh) and by the command line"],
    ],
    [
      "a host type in the model",
      { "src/model/image/a.ts": 'import { join } from "node:path";' },
      ["src/model/image/a.ts:1: base and model know no host"],
    ],
  ];
  for (const [name, tree, expected] of planted) {
    test(`reports ${name}`, () => {
      expect(violationsOf(tree)).toEqual([...expected]);
    });
  }

  test("reports a cycle between rooms with the line that closes it", () => {
    const tree = { "src/adapters/a/x.ts": 'import { b } from "#store";', "src/adapters/store/y.ts": 'import { a } from "#a";' };
    const found = findViolations(new Map(Object.entries(tree)), { ...rooms, "#a": "./src/adapters/a/index.ts" });
    expect(found).toContain("src/adapters/store/y.ts:1: rooms form a cycle: adapters/a -> adapters/store -> adapters/a");
  });

  test("lets a clean tree pass, and what only a comment says", () => {
    expect(
      violationsOf({
        "src/engine/a.ts": '// import { x } from "#linux";\nimport { fault } from "#base";\nimport type { Image } from "#image";',
        "src/main.ts": 'import { run } from "#cli";\nawait import("./daemon.ts");',
      }),
    ).toEqual([]);
  });
});

test("importsOf() gives file, line and specifier of each form", () => {
  const source = 'import a from "a";\nimport "b";\nexport { c } from "c";\nconst d = import("d");\nconst text = "import e from \'e\'";';
  expect(importsOf("src/x.ts", source).map(({ line, specifier }) => `${line} ${specifier}`)).toEqual(["1 a", "2 b", "3 c", "4 d"]);
});
