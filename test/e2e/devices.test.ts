// Devices that a container is given: by path, by folder, by rule, and by a vendor's description (CDI).
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { makePlace } from "../support/test-place.ts";

setDefaultTimeout(60_000);

const held = new AsyncDisposableStack();
let daemon: TestDaemon;
let specs: string;
let home: string;

const unresolved = "CDI device injection failed: unresolvable CDI devices";

/** What a shell says in a container with these flags, and what the client says if there is none. */
async function said(flags: readonly string[], script: string): Promise<string> {
  const { stdout, stderr, code } = await daemon.docker(["run", "--rm", ...flags, "busybox", "sh", "-c", script]);
  return code === 0 ? stdout : stderr;
}

beforeAll(async () => {
  const place = makePlace();
  home = place.home;
  specs = join(home, "cdi");
  for (const folder of [specs, join(home, "later"), join(home, "nodes")]) mkdirSync(folder, { mode: 0o755 });
  const hook = join(home, "hook");
  writeFileSync(hook, `#!/bin/sh\ncat >${home}/hook-state\necho "$1 $SAID" >${home}/hook-words\n`, { mode: 0o755 });
  const spec = {
    cdiVersion: "0.6.0",
    kind: "vendor.com/class",
    containerEdits: { env: ["COMMON=yes", "HOME=/moved"] },
    devices: [
      {
        name: "one",
        containerEdits: {
          env: ["ONE=1"],
          deviceNodes: [{ path: "/dev/vendor0", hostPath: "/dev/net/tun", permissions: "r", fileMode: 0o660, gid: 7 }],
          mounts: [{ hostPath: specs, containerPath: "/opt/vendor", options: ["ro", "bind"] }],
          hooks: [{ hookName: "createRuntime", path: hook, args: ["hook", "word"], env: ["SAID=so"] }],
          additionalGids: [77],
        },
      },
      { name: "two", containerEdits: { deviceNodes: [{ path: "/dev/vendor1", type: "c", major: 1, minor: 3 }] } },
    ],
  };
  writeFileSync(join(specs, "vendor.json"), JSON.stringify(spec));
  const yaml = [
    "cdiVersion: 0.6.0",
    "kind: vendor.com/other",
    "devices:",
    "  - name: all",
    "    containerEdits:",
    "      env: [OTHER=earlier]",
  ];
  writeFileSync(join(specs, "other.yaml"), yaml.join("\n"));
  writeFileSync(join(home, "later", "other.yaml"), yaml.join("\n").replace("earlier", "later"));
  daemon = held.use(await startDaemon({ place, enclosed: true, config: { "cdi-spec-dirs": [specs, join(home, "later"), "/nowhere"] } }));
  await loadImage(daemon.place.socket, "busybox");
});
afterAll(() => held.disposeAsync());

describe("--device", () => {
  test("a whole folder, a link, a mode, and a place of its own", async () => {
    symlinkSync("/dev/null", join(home, "nodes", "link"));
    const flags = [
      "--device",
      "/dev/net:/dev/mynet:r",
      "--device",
      `${home}/nodes/link:/dev/linked`,
      "--device",
      "/dev/net/tun:/a/b/tun:r",
    ];
    const script = "stat -c '%n %t:%T' /dev/mynet/tun /dev/linked /a/b/tun; (: </a/b/tun) && echo read; (: >/a/b/tun) 2>&1";
    expect((await said(flags, `${script}; true`)).split("\n")).toEqual([
      "/dev/mynet/tun a:c8",
      "/dev/linked 1:3",
      "/a/b/tun a:c8",
      "read",
      "sh: can't create /a/b/tun: Operation not permitted",
      "",
    ]);
  });

  test("a rule lets a device be made and used that has no node", async () => {
    const script = "mknod /tmp/m c 10 200 && (: <>/tmp/m) 2>/dev/null && echo usable";
    expect(await said([], `${script} || echo refused`)).toBe("refused\n");
    expect(await said(["--device-cgroup-rule", "c 10:200 rwm"], script)).toBe("usable\n");
  });
});

describe("CDI", () => {
  test("a described device brings its node, variables, mounts, groups and hooks, to a user too", async () => {
    const script =
      "echo $COMMON $ONE $HOME; stat -c '%n %t:%T %a %u:%g' /dev/vendor0; ls /opt/vendor; id -G; (echo >/dev/vendor0) 2>&1; true";
    expect((await said(["--device", "vendor.com/class=one", "-u", "5"], script)).split("\n").slice(0, 6)).toEqual([
      "yes 1 /moved",
      "/dev/vendor0 a:c8 660 5:7",
      "other.yaml",
      "vendor.json",
      "0 77",
      "sh: can't create /dev/vendor0: Operation not permitted",
    ]);
    expect(readFileSync(join(home, "hook-words"), "utf8")).toBe("word so\n");
    expect(JSON.parse(readFileSync(join(home, "hook-state"), "utf8"))).toMatchObject({
      ociVersion: expect.any(String),
      pid: expect.any(Number),
    });
  });

  test("several devices of one file share its edits; of two files the later folder's is meant", async () => {
    const flags = ["--device", "vendor.com/class=two", "--device", "vendor.com/other=all"];
    expect(await said(flags, "echo $COMMON $OTHER; stat -c %t:%T /dev/vendor1; ls /dev/vendor0 2>&1; true")).toContain("No such file");
    expect(await said(flags, "echo $COMMON $OTHER; stat -c %t:%T /dev/vendor1")).toBe("yes later\n1:3\n");
  });

  test("inspect and info tell what was asked for and where it is looked for", async () => {
    await daemon.docker([
      "create",
      "--name",
      "asks",
      "--device",
      "/dev/null",
      "--device",
      "vendor.com/class=x",
      "--gpus",
      "all",
      "busybox",
    ]);
    const { stdout } = await daemon.docker(["inspect", "-f", "{{json .HostConfig.DeviceRequests}}", "asks"]);
    expect(JSON.parse(stdout)).toEqual([
      { Driver: "", Count: -1, DeviceIDs: null, Capabilities: [["gpu"]], Options: {} },
      { Driver: "cdi", Count: 0, DeviceIDs: ["vendor.com/class=x"], Capabilities: null, Options: null },
    ]);
    expect((await daemon.docker(["info", "-f", "{{json .CDISpecDirs}}"])).stdout).toBe(
      `${JSON.stringify([specs, join(home, "later"), "/nowhere"])}\n`,
    );
    await daemon.docker(["rm", "asks"]);
  });

  test("what nobody describes stops the start in Docker's words", async () => {
    const refused = await said(["--device", "vendor.com/class=no", "--device", "vendor.com/class=one", "--device", "a.b/other=d"], "true");
    expect(refused).toContain(`${unresolved} vendor.com/class=no, a.b/other=d`);
  });

  test("F13: a description that others may write, or that names a program of theirs, is none", async () => {
    const spec = (kind: string, edits: object): string =>
      JSON.stringify({ cdiVersion: "0.6.0", kind, devices: [{ name: "x", containerEdits: edits }] });
    writeFileSync(join(specs, "open.json"), spec("open.com/class", { env: ["A=b"] }));
    chmodSync(join(specs, "open.json"), 0o666);
    expect(await said(["--device", "open.com/class=x"], "true")).toContain(
      `${unresolved} open.com/class=x (not read: ${specs}/open.json: ${specs}/open.json must belong to root, and be writable by nobody else)`,
    );
    chmodSync(join(specs, "open.json"), 0o644);
    expect(await said(["--device", "open.com/class=x"], "echo $A")).toBe("b\n");

    const evil = join(home, "nodes", "evil");
    writeFileSync(evil, `#!/bin/sh\ntouch ${home}/ran\n`, { mode: 0o777 });
    chmodSync(evil, 0o777);
    writeFileSync(join(specs, "hook.json"), spec("hook.com/class", { hooks: [{ hookName: "createRuntime", path: evil }] }));
    expect(await said(["--device", "hook.com/class=x"], "true")).toContain(`${specs}/hook.json: ${evil} must belong to root`);
    expect(existsSync(join(home, "ran"))).toBe(false);
    chmodSync(evil, 0o755);
    expect(await said(["--device", "hook.com/class=x"], "echo ran")).toBe("ran\n");
    expect(existsSync(join(home, "ran"))).toBe(true);
  });
});

test("--gpus is refused as Docker does without a driver", async () => {
  expect(await said(["--gpus", "all"], "true")).toContain('could not select device driver "" with capabilities: [[gpu]]');
});
