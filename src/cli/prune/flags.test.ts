import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigFile } from "../config-file.ts";
import { parseFlags } from "../parse-flags.ts";
import { pruneFilterFlag, pruneFilters } from "./flags.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gantry-prune-"));
  writeFileSync(join(folder, "config.json"), '{"pruneFilters":["label!=keep","label=mine","until=24h","odd"]}');
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  [[], ["label!=keep", "label=mine", "until=24h"]],
  [
    ["--filter", "until=1h"],
    ["until=1h", "label!=keep", "label=mine", "until=24h"],
  ],
  [
    ["--filter", "label=keep"],
    ["label=keep", "label=mine", "until=24h"],
  ],
  [
    ["--filter", "label!=mine"],
    ["label!=mine", "label!=keep", "until=24h"],
  ],
])("pruneFilters() of %j are %j", async (args, expected) => {
  const { values } = parseFlags({ flags: [pruneFilterFlag("until=<timestamp>")] }, args);
  expect(pruneFilters({ flags: values, config: await ConfigFile.open(folder) })).toEqual(expected);
});
