import { describe, expect, test } from "bun:test";
import { isManagedBySystemd, ownFolders } from "./own-cgroup.ts";

describe("isManagedBySystemd()", () => {
  test("is true for the process that systemd started, not for what that one starts", () => {
    expect(isManagedBySystemd({}, 7)).toBe(false);
    expect(isManagedBySystemd({ INVOCATION_ID: "ab" }, 7)).toBe(true);
    expect(isManagedBySystemd({ INVOCATION_ID: "ab", SYSTEMD_EXEC_PID: "7" }, 7)).toBe(true);
    expect(isManagedBySystemd({ INVOCATION_ID: "ab", SYSTEMD_EXEC_PID: "6" }, 7)).toBe(false);
  });
});

describe("ownFolders()", () => {
  test("is one group on version 2", () => {
    expect(ownFolders({ version: 2, hierarchies: { "": "/sys/fs/cgroup" } }, "/gantry")).toEqual(["/sys/fs/cgroup/gantry/daemon"]);
  });

  test("is apart from the monitors wherever those have a group of their own, and never in a cpuset", () => {
    const root = "/sys/fs/cgroup";
    const hierarchies = {
      "name=systemd": `${root}/systemd`,
      memory: `${root}/memory`,
      cpu: `${root}/cpu,cpuacct`,
      cpuacct: `${root}/cpu,cpuacct`,
    };
    const layout = { version: 1, hierarchies: { ...hierarchies, cpuset: `${root}/cpuset` }, unified: `${root}/unified` } as const;
    expect(ownFolders(layout, "/gantry")).toEqual([
      `${root}/systemd/gantry/daemon`,
      `${root}/unified/gantry/daemon`,
      `${root}/cpu,cpuacct/gantry-engine`,
      `${root}/memory/gantry`,
    ]);
  });
});
