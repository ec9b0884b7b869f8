import { afterAll, beforeAll, expect, test } from "bun:test";
import recorded from "../fixtures/docker-answers/answers.json";
import { ask, type DockerAnswers } from "../support/docker-answers.ts";
import { openMemoryApi, type MemoryApi } from "../support/memory-api.ts";

const { answers }: DockerAnswers = recorded as DockerAnswers;

let api: MemoryApi;
beforeAll(async () => {
  api = await openMemoryApi();
});
afterAll(async () => {
  expect(api.failures).toEqual([]);
  await api[Symbol.asyncDispose]();
});

for (const answer of answers) {
  const { method, path, body, type } = answer.request;
  test(`${method} ${path} ${type === undefined || type === "application/json" ? "" : type} ${body ?? ""} is answered as Docker does`, async () => {
    expect(await ask(api.socket, answer.request)).toEqual(answer);
  });
}
