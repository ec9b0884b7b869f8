import { expect, test } from "bun:test";
import { eventLine } from "./events.ts";

test("eventLine() sorts attributes and keeps nanoseconds", () => {
  const line =
    '{"status":"tag","Type":"image","Action":"tag","Actor":{"ID":"sha256:f9","Attributes":{"name":"busybox:latest","a":"1"}},"time":1795248215,"timeNano":1795248215804175160}';
  expect(eventLine(line)).toEndWith(" image tag sha256:f9 (a=1, name=busybox:latest)");
  expect(eventLine(line)).toContain(".804175160");
  expect(eventLine('{"Type":"daemon","Action":"reload","Actor":{"ID":"x"},"time":0}')).toEndWith(".000000000Z daemon reload x".slice(-14));
});
