import { describe, expect, test } from "bun:test";
import { takeOwners } from "./bind-owners.ts";

describe("takeOwners()", () => {
  test.each([
    ["/s:/t", "/s:/t", {}],
    ["/s:/t:ro,cached", "/s:/t:ro,cached", {}],
    ["/s:/t:owner=7", "/s:/t", { "/t": "7:7" }],
    ["./s:/t:ro,owner=7:8,z", "./s:/t:ro,z", { "/t": "7:8" }],
    ["/s:/t:owner=me", "/s:/t", { "/t": `${process.geteuid?.()}:${process.getegid?.()}` }],
  ])("reads %j", (spec, bind, owners) => {
    expect(takeOwners([spec])).toEqual({ binds: [bind], owners });
  });

  test.each([
    ["v:/t:owner=7", "owner= is for folders and files of the host"],
    ["/s:/t:owner=joe", 'owner= takes "me", a number or two ("1000:1000")'],
    ["/s:/t:owner=", 'owner= takes "me"'],
    ["/s:/t:owner=1:2:3", 'owner= takes "me"'],
  ])("refuses %j", (spec, words) => {
    expect(() => takeOwners([spec])).toThrow(words);
  });
});
