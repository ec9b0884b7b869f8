// Contexts and the choice of the daemon: every line says what Docker's own client said to it.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import recorded from "../fixtures/cli-answers/contexts.json";
import { answerLines, type CliAnswers } from "../support/cli-lines.ts";
import { run } from "../support/command.ts";
import { contextFiles, contextLines } from "../support/context-lines.ts";
import { builtProgram } from "../support/tools.ts";

const { answers }: CliAnswers = recorded as CliAnswers;

test("the recording holds every line", () => {
  expect(answers.map(({ args }) => args)).toEqual(contextLines.map(({ args }) => [...args]));
});

test("context commands answer as Docker's", async () => {
  const ours = await answerLines(builtProgram("docker"), contextLines, contextFiles);
  expect(ours.map(shown)).toEqual(answers.map(shown));
}, 30_000);

function shown({ args, env, code, stdout, stderr }: CliAnswers["answers"][number]): string {
  return [JSON.stringify(env ?? {}), args.join(" "), `code ${code}`, stdout, stderr].join("\n");
}

describe("X04 a hostile archive", () => {
  const hostile = Object.keys(contextFiles).filter((name) => /^(up|absolute|shallow|without)\./.test(name));

  test.each(hostile)("%s leaves nothing behind", async (name) => {
    const folder = mkdtempSync(join(tmpdir(), "gantry-hostile-"));
    try {
      // Two levels deep, so that what climbs out lands where we look.
      const config = join(folder, "one/two/config");
      mkdirSync(config, { recursive: true });
      writeFileSync(join(folder, name), contextFiles[name] ?? "");
      const before = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
      const { code, stderr } = await run([builtProgram("gantry"), "--config", config, "context", "import", "stranger", join(folder, name)]);
      expect({ code, said: stderr !== "" }).toEqual({ code: 1, said: true });
      expect(readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted()).toEqual(before);
      expect(existsSync("/evil")).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("is told from a good one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gantry-hostile-"));
    writeFileSync(join(folder, "good.zip"), contextFiles["good.zip"] ?? "");
    const { code } = await run([
      builtProgram("gantry"),
      "--config",
      join(folder, "config"),
      "context",
      "import",
      "friend",
      join(folder, "good.zip"),
    ]);
    expect({ code, made: readdirSync(folder).toSorted() }).toEqual({ code: 0, made: ["config", "good.zip"] });
    rmSync(folder, { recursive: true });
  });
});
