// Contexts and the choice of the daemon: every line says what Docker's own client said to it.
import { expect, test } from "bun:test";
import recorded from "../fixtures/cli-answers/contexts.json";
import { answerLines, type CliAnswers } from "../support/cli-lines.ts";
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
