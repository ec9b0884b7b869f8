import { describe, expect, test } from "bun:test";
import type { EngineEvent } from "#event";
import { newestVersion, parseApiVersion } from "#wire";
import { parseFilters } from "../filters.ts";
import { formatDuration } from "./duration-text.ts";
import { eventView, matchesEvent } from "./event.ts";

test.each([
  [0.4, "Less than a second"],
  [1, "1 second"],
  [59, "59 seconds"],
  [60, "About a minute"],
  [150, "2 minutes"],
  [3600, "About an hour"],
  [5400, "2 hours"],
  [47 * 3600, "47 hours"],
  [3 * 86_400, "3 days"],
  [15 * 86_400, "2 weeks"],
  [70 * 86_400, "2 months"],
  [800 * 86_400, "2 years"],
])("formatDuration() says of %d seconds %p", (seconds, words) => {
  expect(formatDuration(seconds)).toBe(words);
});

const start: EngineEvent = {
  number: 1,
  type: "container",
  action: "exec_start: sh ",
  actorId: "a46",
  attributes: { name: "ev1", image: "busybox:1", a: "b" },
  at: 1_795_248_576_271_234_567n,
};

describe("eventView()", () => {
  test("has the old fields beside the new, and nanoseconds whole", () => {
    expect(JSON.stringify(eventView(start))).toBe(
      '{"status":"exec_start: sh ","id":"a46","from":"busybox:1","Type":"container","Action":"exec_start: sh ",' +
        '"Actor":{"ID":"a46","Attributes":{"a":"b","image":"busybox:1","name":"ev1"}},"scope":"local","time":1795248576,"timeNano":1795248576271234567}',
    );
  });
});

describe("matchesEvent()", () => {
  test.each([
    ["{}", true],
    ['{"type":["container"]}', true],
    ['{"type":["image"]}', false],
    ['{"event":["exec_start"]}', true],
    ['{"event":["exec_start: sh "]}', true],
    ['{"event":["start"]}', false],
    ['{"event":["start","exec_start"],"type":["container"]}', true],
    ['{"container":["ev1"]}', true],
    ['{"container":["a4"]}', true],
    ['{"container":["zz"]}', false],
    ['{"image":["busybox"]}', true],
    ['{"image":["busybox:1"]}', true],
    ['{"image":["other"]}', false],
    ['{"label":["a=b"]}', true],
    ['{"label":["a=c"]}', false],
    ['{"label":["a=b","z"]}', false],
    // As Docker 28.5.2 has it: a name fits whatever it names, and its beginning too.
    ['{"network":["ev1"]}', true],
    ['{"container":["ev"]}', true],
    ['{"volume":["v1"]}', false],
    ['{"event":["exec_"]}', false],
    ['{"event":["exec_create"]}', false],
    ['{"event":["exec_create","exec_s"]}', true],
    ['{"image":["busy"]}', false],
    ['{"scope":["local"]}', true],
    ['{"scope":["swarm"]}', false],
    ['{"zzz":["x"]}', true],
  ])("answers %s", (filters, expected) => {
    expect(matchesEvent(start, parseFilters(filters), newestVersion)).toBe(expected);
  });

  test("hides creates of images from clients before 1.46", () => {
    const create: EngineEvent = { ...start, type: "image", action: "create" };
    expect(matchesEvent(create, new Map(), parseApiVersion("1.45"))).toBe(false);
    expect(matchesEvent(create, new Map(), parseApiVersion("1.46"))).toBe(true);
  });
});
