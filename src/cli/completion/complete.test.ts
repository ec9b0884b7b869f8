import { describe, expect, test } from "bun:test";
import type { DockerCalls } from "#client";
import { ConfigFile } from "../config-file.ts";
import { globalFlags } from "../global-flags.ts";
import { completeLine, type Completion } from "./complete.ts";
import { scanWords } from "./scan-words.ts";
import { directives } from "./suggestion.ts";

const globals = { flags: globalFlags({ HOME: "/someone" }), interspersed: false };

async function complete(line: string): Promise<Completion> {
  const config = await ConfigFile.open("/absent");
  const client = (): DockerCalls => {
    throw new Error("no daemon here");
  };
  const plugins = () => Promise.resolve([{ value: "compose", description: "Docker Compose" }]);
  return await completeLine(line.split(" "), { globals, plugins, situation: { config, context: "default", client } });
}

async function values(line: string): Promise<readonly string[]> {
  const completion = await complete(line);
  return "plugin" in completion ? [`plugin ${completion.plugin}`] : completion.suggestions.values.map(({ value }) => value);
}

describe("completeLine()", () => {
  const cases: readonly (readonly [line: string, expected: readonly string[]])[] = [
    ["comp", ["completion", "compose"]],
    ["cont", ["container", "context"]],
    ["-D cont", ["container", "context"]],
    ["-H unix:///x cont", ["container", "context"]],
    ["--log-level d", ["debug"]],
    ["--log-level=d", ["debug"]],
    ["--tlsv", ["--tlsverify"]],
    ["context s", ["show"]],
    ["-c default context s", ["show"]],
    ["context use ", ["default"]],
    ["context use default ", []],
    ["compose u", ["plugin compose"]],
    ["swarm i", ["plugin swarm"]],
    ["container nope ", []],
    ["ps --f", ["--filter", "--format"]],
    ["ps -a --a", []],
    ["ps -f x=y --f", ["--filter", "--format"]],
    ["container ls --la", ["--last", "--latest"]],
    ["ps --filter st", ["status="]],
    ["ps --filter status=pau", ["status=paused"]],
    ["ps --filter=status=pau", ["status=paused"]],
    ["ps --filter nope=", []],
    ["run --pull ", ["always", "missing", "never"]],
    ["run --pull=n", ["never"]],
    ["run -it --pull n", ["never"]],
    ["run --rm=t", ["true"]],
    ["run busybox --pul", []],
    ["run --cap-add CAP_NET_B", ["CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST"]],
    ["kill -sHU", []],
    ["kill -s HU", ["HUP"]],
    ["completion ", ["bash", "fish", "zsh"]],
  ];

  test.each(cases)("%p", async (line, expected) => {
    expect(await values(line)).toEqual([...expected]);
  });

  test("says what the shell shall do beside", async () => {
    const directiveOf = async (line: string): Promise<number> => {
      const completion = await complete(line);
      return "plugin" in completion ? -1 : completion.suggestions.directive;
    };
    const lines = ["load -i ", "run --name ", "run -e ", "ps ", "stop ", "run --env-file "];
    expect(await Promise.all(lines.map(directiveOf))).toEqual([
      directives.files,
      directives.noFiles,
      directives.noSpace | directives.noFiles,
      directives.noFiles,
      directives.failed,
      directives.files,
    ]);
  });

  test("describes commands and flags", async () => {
    expect(await complete("context sh")).toEqual({
      suggestions: { values: [{ value: "show", description: "Print the name of the current context" }], directive: directives.noFiles },
    });
    expect(await complete("ps --al")).toMatchObject({
      suggestions: { values: [{ value: "--all", description: "Show all containers (default shows just running)" }] },
    });
  });
});

describe("scanWords()", () => {
  const grammar = { flags: globalFlags({}) };

  test("takes the words behind -- as arguments", () => {
    expect(scanWords(grammar, ["-D", "--", "-x", "-y"])).toMatchObject({ word: "-y", taken: ["-x"], given: new Set(["debug"]) });
  });

  test("skips the value of a flag, and one that nobody knows", () => {
    expect(scanWords(grammar, ["--config", "a", "--nope", "b", "c"])).toMatchObject({ word: "c", taken: ["b"] });
  });
});
