import { describe, expect, test } from "bun:test";
import { parseSecurityOptions, shownSecurityOptions } from "./security-options.ts";

describe("parseSecurityOptions()", () => {
  test.each([
    [[], {}],
    [["no-new-privileges"], { noNewPrivileges: true }],
    [["no-new-privileges:true", "no-new-privileges=0"], { noNewPrivileges: false }],
    [["writable-cgroups"], { writableCgroups: true }],
    [["writable-cgroups=F"], { writableCgroups: false }],
    [["seccomp:unconfined"], { seccomp: "unconfined" }],
    [['seccomp={"a":"b=c"}'], { seccomp: '{"a":"b=c"}' }],
    [["apparmor=a=b"], { appArmor: "a=b" }],
    [["disable", "label=type:x", "label:disable"], {}],
  ])("reads %j", (options, expected) => {
    expect(parseSecurityOptions(options)).toEqual(expected);
  });

  // Recorded from Docker 28.5.2.
  test.each([
    ["", 'invalid --security-opt 1: ""'],
    ["foo", 'invalid --security-opt 1: "foo"'],
    ["foo=bar", 'invalid --security-opt 2: "foo=bar"'],
    ["no-new-privileges=x", 'invalid --security-opt 2: "no-new-privileges=x"'],
    ["no-new-privileges=", 'invalid --security-opt 2: "no-new-privileges="'],
    ["writable-cgroups=x", 'invalid --security-opt 2: "writable-cgroups=x"'],
    ["systempaths=unconfined", 'invalid --security-opt 2: "systempaths=unconfined"'],
  ])("refuses %j", (option, message) => {
    expect(() => parseSecurityOptions([option])).toThrow(message);
  });
});

test("shownSecurityOptions() says of what shares the host's rights that it has no label", () => {
  expect(shownSecurityOptions({ privileged: false, securityOptions: ["seccomp=builtin"] })).toEqual(["seccomp=builtin"]);
  expect(shownSecurityOptions({ privileged: true, securityOptions: ["seccomp=builtin"] })).toEqual(["seccomp=builtin", "label=disable"]);
  expect(shownSecurityOptions({ privileged: false, ipcMode: "host" })).toEqual(["label=disable"]);
  expect(shownSecurityOptions({ privileged: true, securityOptions: ["label=type:x"] })).toEqual(["label=type:x"]);
});
