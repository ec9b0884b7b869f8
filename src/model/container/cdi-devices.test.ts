import { describe, expect, test } from "bun:test";
import { injectDevices, resolveDevices } from "./cdi-devices.ts";
import { parseCdiSpec } from "./cdi-spec.ts";
import type { DeviceSpecFile } from "./device-specs.ts";
import type { OciConfig, OciDevice } from "./runtime.ts";

function file(path: string, priority: number, env: string): DeviceSpecFile {
  const devices = ["a", "b"].map((name) => ({ name, containerEdits: { env: [`${name.toUpperCase()}=${env}`] } }));
  return {
    path,
    priority,
    spec: parseCdiSpec({ cdiVersion: "0.6.0", kind: "v.com/class", containerEdits: { env: [`ALL=${env}`] }, devices }),
  };
}

const variables = (names: readonly string[], files: readonly DeviceSpecFile[]): readonly string[] =>
  resolveDevices(names, files).flatMap(({ env = [] }) => env);

describe("resolveDevices()", () => {
  test("a file's own edits come once, before those of its first device", () => {
    expect(variables(["v.com/class=b", "v.com/class=a"], [file("/1", 0, "x")])).toEqual(["ALL=x", "B=x", "A=x"]);
  });

  test("the higher rank is meant, and of two with the same rank neither", () => {
    expect(variables(["v.com/class=a"], [file("/1", 0, "low"), file("/2", 1, "high")])).toEqual(["ALL=high", "A=high"]);
    expect(() => variables(["v.com/class=a"], [file("/1", 1, "x"), file("/2", 1, "y")])).toThrow("unresolvable CDI devices v.com/class=a");
  });

  test.each(["v.com/class=c", "v.com/other=a", "v.com/class", "a", "", "=a"])("%p is nobody's", (name) => {
    expect(() => variables([name], [file("/1", 0, "x")])).toThrow(`CDI device injection failed: unresolvable CDI devices ${name}`);
  });

  test("says why a file was not read", () => {
    expect(() => variables(["x"], [{ path: "/etc/cdi/x.json", priority: 0, problem: "kind is missing" }])).toThrow(
      "unresolvable CDI devices x (not read: /etc/cdi/x.json: kind is missing)",
    );
  });
});

describe("injectDevices()", () => {
  const config: OciConfig = {
    ociVersion: "1.0.2",
    process: { terminal: false, user: { uid: 5, gid: 6 }, args: ["x"], env: ["PATH=/bin", "A=1"], cwd: "/", noNewPrivileges: false },
    root: { path: "", readonly: false },
    mounts: [{ destination: "/a", type: "tmpfs", source: "tmpfs", options: [] }],
    linux: { namespaces: [], cgroupsPath: "/x", resources: { devices: [] }, maskedPaths: [], readonlyPaths: [] },
  };
  const zero: OciDevice = { path: "/dev/zero", type: "c", major: 1, minor: 5, fileMode: 0o666, uid: 0, gid: 0 };
  const found = new Map([["/dev/zero", [zero]]]);

  test("a variable takes the place of an earlier one, and a mount that of another at its target", () => {
    const { process: init, mounts } = injectDevices(
      config,
      [{ env: ["A=2", "B=3"], mounts: [{ hostPath: "/h", containerPath: "/a" }] }],
      found,
    );
    expect(init.env).toEqual(["PATH=/bin", "A=2", "B=3"]);
    expect(mounts).toEqual([{ destination: "/a", type: "bind", source: "/h", options: [] }]);
  });

  test("a node without numbers is the host's, and whoever the process is may use it", () => {
    const { linux } = injectDevices(config, [{ deviceNodes: [{ path: "/dev/v", hostPath: "/dev/zero" }] }], found);
    expect(linux.devices).toEqual([{ ...zero, path: "/dev/v", uid: 5, gid: 6 }]);
    expect(linux.resources.devices).toEqual([{ allow: true, type: "c", major: 1, minor: 5, access: "rwm" }]);
  });

  test.each([
    [{ path: "/dev/none" }, "device node /dev/none: not a device node"],
    [{ path: "/dev/zero", type: "b" }, "device node /dev/zero: it is of type c, not b"],
    [{ path: "/dev/none", type: "z" }, "z is no type of one"],
  ])("refuses %j", (node, reason) => {
    expect(() => injectDevices(config, [{ deviceNodes: [node] }], found)).toThrow(reason);
  });
});
