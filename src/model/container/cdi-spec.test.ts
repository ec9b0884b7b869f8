import { describe, expect, test } from "bun:test";
import { parseCdiSpec } from "./cdi-spec.ts";

const spec = (change: object): unknown => ({ cdiVersion: "0.6.0", kind: "vendor.com/class", devices: [{ name: "a" }], ...change });
const edits = (containerEdits: object): unknown => spec({ containerEdits });

describe("parseCdiSpec()", () => {
  test("reads what a vendor says about devices", () => {
    const one = { env: ["A=b"], deviceNodes: [{ path: "/dev/a", type: "c", major: 1, minor: 0 }], additionalGids: [7] };
    const { kind, devices, edits } = parseCdiSpec(spec({ devices: [{ name: "0" }, { name: "all", containerEdits: one }] }));
    expect([kind, [...devices.keys()], edits]).toEqual(["vendor.com/class", ["0", "all"], {}]);
    expect(devices.get("all")).toEqual({ ...one, mounts: [], hooks: [] });
  });

  test.each([
    [[], "the file is no object"],
    [spec({ cdiVersion: "2.0.0" }), "it has no cdiVersion that is known here"],
    [spec({ kind: "vendor" }), 'kind "vendor" is not VENDOR/CLASS'],
    [spec({ devices: [{ name: "a b" }] }), '"a b" is no name of a device'],
    [spec({ devices: [{ name: "a" }, { name: "a" }] }), "two devices have the same name"],
    [edits({ intelRdt: {} }), "containerEdits.intelRdt is not implemented"],
    [edits({ deviceNodes: [{ path: "dev/a" }] }), 'path "dev/a" is not absolute'],
    [edits({ deviceNodes: [{ path: "/dev/a", permissions: "x" }] }), 'permissions "x" are not of r, w and m'],
    [edits({ deviceNodes: [{ path: "/dev/a", major: -1 }] }), "major is no whole number"],
    [edits({ hooks: [{ hookName: "whenever", path: "/x" }] }), '"whenever" is no name of a hook'],
    [edits({ hooks: [{ hookName: "prestart", path: "x" }] }), 'path "x" is not absolute'],
    [edits({ mounts: [{ hostPath: "/a", containerPath: "b" }] }), 'containerPath "b" is not absolute'],
    [edits({ env: "A=b" }), "env is no list"],
  ])("refuses %j", (document, reason) => {
    expect(() => parseCdiSpec(document)).toThrow(reason);
  });
});
