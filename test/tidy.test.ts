import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "bun:test";
import { emptyNames, leftovers, oversized, unreadFixtures, type TextFile } from "./support/taste.ts";

const root = resolve(import.meta.dir, "..");
// The rules themselves and their planted faults.
const exempt = new Set(["test/support/taste.ts", "test/tidy.test.ts"]);
const code = /\.(ts|tsx|mjs)$/;

/** Files that git would take: those known and those new, without the ignored ones. */
function projectFiles(): string[] {
  const listed = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root });
  const seen =
    listed.exitCode === 0 ? listed.stdout.toString().split("\0") : [...new Bun.Glob("{src,test,scripts,bench,docs}/**/*").scanSync(root)];
  return [...new Set(seen)].filter((path) => path !== "" && !exempt.has(path) && isFile(path)).toSorted();
}

function isFile(path: string): boolean {
  return statSync(resolve(root, path), { throwIfNoEntry: false })?.isFile() === true;
}

function read(path: string): TextFile {
  return { path, text: readFileSync(resolve(root, path), "utf8") };
}

const files = projectFiles();
const sources = files.filter((path) => code.test(path)).map(read);
const texts = files.filter((path) => /\.(ts|tsx|mjs|md|json|sh)$|^\.ci\//.test(path) && path !== "package-lock.json").map(read);

test("names say what a thing is", () => {
  expect(sources.flatMap(emptyNames)).toEqual([]);
});

test("nothing is left over", () => {
  expect(texts.flatMap(leftovers)).toEqual([]);
});

test("no file is too long", () => {
  expect(sources.flatMap(oversized)).toEqual([]);
});

test("every fixture is read by a test", () => {
  const fixtures = files.filter((path) => path.includes("/fixtures/"));
  expect(
    unreadFixtures(
      fixtures,
      sources.filter(({ path }) => /^test\/|\.test\.ts$/.test(path)),
    ),
  ).toEqual([]);
});

test("packages come from the public registry", () => {
  const hosts = [...read("package-lock.json").text.matchAll(/"resolved": "([a-z]+:\/\/[^/"]+)/g)].map((match) => match[1] ?? "");
  expect(hosts.filter((host) => host !== "https://registry.npmjs.org")).toEqual([]);
});

describe("the rules find what is planted:", () => {
  const file = (text: string, path = "src/a.ts"): TextFile => ({ path, text });

  test("emptyNames()", () => {
    expect(emptyNames(file("export class MountManager {}", "src/string-utils.ts"))).toEqual([
      'src/string-utils.ts: "utils" in src/string-utils.ts: name the thing or the verb in it',
      'src/string-utils.ts: "manager" in MountManager: name what it holds or does (store, pool, hub)',
    ]);
    expect(emptyNames(file("export class Commoner {}"))).toEqual([]);
  });

  const planted: readonly (readonly [string, string])[] = [
    ["// TODO later", "left-over marker"],
    ["<<<<<<< HEAD", "left-over of a merge"],
    ["// ---------- helpers", "banner"],
    ["// @ts-ignore", "a checker that was silenced"],
    ['const root = "/work/main";', "a path of one machine"],
    ['const host = "npm.mirror.internal";', "a host of one network"],
  ];
  for (const [line, rule] of planted) {
    test(`leftovers(): ${rule}`, () => {
      expect(leftovers(file(`ok\n${line}`))).toEqual([`src/a.ts:2: ${rule}`]);
    });
  }

  test("leftovers(): a test that runs alone, only in tests", () => {
    expect(leftovers(file('test.only("x", f)', "src/a.test.ts"))).toEqual(["src/a.test.ts:1: a test that runs alone, later or wrong"]);
    expect(leftovers(file("const it = { only: 1 };"))).toEqual([]);
  });

  test("oversized()", () => {
    expect(oversized(file("x\n".repeat(401)))).toEqual(["src/a.ts: 401 lines, at most 400"]);
    expect(oversized(file("x\n".repeat(400)))).toEqual([]);
  });

  test("unreadFixtures()", () => {
    const tests = [file('load("fixtures/archives")', "test/a.test.ts")];
    expect(unreadFixtures(["test/fixtures/archives/x.tar", "test/fixtures/lonely.json"], tests)).toEqual([
      "test/fixtures/lonely.json: no test reads it",
    ]);
  });
});
