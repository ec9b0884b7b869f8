import { describe, expect, test } from "bun:test";
import { bool, int, list, text } from "./flag.ts";
import { type Grammar, parseFlags } from "./parse-flags.ts";

const grammar: Grammar = {
  flags: [
    bool("detach", "", { short: "d" }),
    list("env", "", { short: "e" }),
    text("hostname", "", { short: "h" }),
    bool("interactive", "", { short: "i" }),
    int("last", "", { short: "n", fallback: "-1" }),
    text("net", "", { hidden: true, aliasOf: "network" }),
    text("network", ""),
    bool("rm", ""),
    bool("sig-proxy", "", { fallback: "true" }),
    bool("tty", "", { short: "t" }),
  ],
  interspersed: false,
  missing: ["mount", "P"],
};

const loose: Grammar = { flags: [bool("all", "", { short: "a" }), list("filter", "", { short: "f" })] };

function failureOf(args: readonly string[], of = grammar): string {
  try {
    parseFlags(of, args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error(`${args.join(" ")} was taken`);
}

describe("parseFlags()", () => {
  test("takes switches in a row, with and without values", () => {
    const { values } = parseFlags(grammar, ["-itd", "--rm=false", "--sig-proxy=0"]);
    const seen = ["interactive", "tty", "detach", "rm", "sig-proxy"].map((name) => values.bool(name));
    expect(seen).toEqual([true, true, true, false, false]);
  });

  test("takes a value after a shorthand, glued to it, or after =", () => {
    const { values } = parseFlags(grammar, ["-e", "A=1", "-eB=2", "-e=C=3", "--env=D=4", "--env", "E=5", "-ieF=6"]);
    expect(values.list("env")).toEqual(["A=1", "B=2", "C=3", "D=4", "E=5", "F=6"]);
    expect(values.bool("interactive")).toBe(true);
  });

  test("takes -i=false", () => {
    expect(parseFlags(grammar, ["-i=false"]).values.bool("interactive")).toBe(false);
  });

  test("ends the flags at the first positional where the command says so", () => {
    const { positionals, values } = parseFlags(grammar, ["-i", "image", "-t", "--rm"]);
    expect(positionals).toEqual(["image", "-t", "--rm"]);
    expect(values.bool("tty")).toBe(false);
  });

  test("finds flags between positionals elsewhere, until --", () => {
    const { positionals, values } = parseFlags(loose, ["one", "-a", "two", "--", "-f"]);
    expect(positionals).toEqual(["one", "two", "-f"]);
    expect(values.bool("all")).toBe(true);
  });

  test("takes a lone dash as a positional", () => {
    expect(parseFlags(loose, ["-"]).positionals).toEqual(["-"]);
  });

  test("keeps the last value of a flag and knows defaults", () => {
    const { values } = parseFlags(grammar, ["--network", "a", "--net=b"]);
    expect({ network: values.text("network"), last: values.int("last"), proxy: values.bool("sig-proxy") }).toEqual({
      network: "b",
      last: -1,
      proxy: true,
    });
    expect(values.changed("last")).toBe(false);
  });

  test("reads -h as help only where no flag has it", () => {
    expect(parseFlags(grammar, ["-h", "web"]).values.text("hostname")).toBe("web");
    expect(parseFlags(loose, ["-ah"])).toMatchObject({ help: true, helpByShorthand: true });
    expect(parseFlags(loose, ["--help"])).toMatchObject({ help: true, helpByShorthand: false });
  });

  test.each([
    [["--nope"], "unknown flag: --nope"],
    [["--nope=1"], "unknown flag: --nope"],
    [["-iZ"], "unknown shorthand flag: 'Z' in -iZ"],
    [["--env"], "flag needs an argument: --env"],
    [["-te"], "flag needs an argument: 'e' in -te"],
    [["---x"], "bad flag syntax: ---x"],
    [["--=x"], "bad flag syntax: --=x"],
    [["--rm=maybe"], 'invalid argument "maybe" for "--rm" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
    [["-n", "x"], 'invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    [
      ["-n", "99999999999999999999"],
      'invalid argument "99999999999999999999" for "-n, --last" flag: strconv.ParseInt: parsing "99999999999999999999": value out of range',
    ],
    [["--mount", "x"], "gantry does not have the flag --mount yet"],
    [["-P"], "gantry does not have the flag -P yet"],
  ])("refuses %p", (args, message) => {
    expect(failureOf(args)).toBe(message);
  });
});

describe("FlagValues", () => {
  test("a question for a flag that is not there is a bug", () => {
    expect(() => parseFlags(loose, []).values.bool("rm")).toThrow("no flag --rm in this command");
  });

  test.each([
    ["0x10", 16],
    ["0b11", 3],
    ["010", 8],
    ["0o17", 15],
    ["-7", -7],
    ["+7", 7],
    ["0", 0],
  ])("int() reads %p as Go does", (given, number) => {
    expect(parseFlags(grammar, ["-n", given]).values.int("last")).toBe(number);
  });
});
