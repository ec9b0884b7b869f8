// The daemon as a service of a machine: what `gantry system install` puts there, and that it goes again (row H29).
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, lstatSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "../support/command.ts";
import { builtProgram, toolPath } from "../support/tools.ts";

setDefaultTimeout(30_000);

/** What stands below a folder: path and content, or where it links to. The executable is told by its size. */
function tree(root: string, below = ""): Record<string, string> {
  return Object.fromEntries(
    readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
      const path = `${below}/${entry.name}`;
      if (entry.isDirectory()) return [[path, "folder"], ...Object.entries(tree(root, path))];
      if (entry.isSymbolicLink()) return [[path, `-> ${readlinkSync(join(root, path))}`]];
      const { size, mode } = lstatSync(join(root, path));
      return [[path, `${(mode & 0o777).toString(8)} ${size > 1 << 20 ? size : readFileSync(join(root, path), "utf8")}`]];
    }),
  );
}

/** A folder that looks like the image of a machine with Docker on it. */
function machineRoot(groups: string): string {
  const root = mkdtempSync("/var/tmp/gantry-install-");
  mkdirSync(join(root, "etc/docker"), { recursive: true });
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  mkdirSync(join(root, "etc/systemd/system"), { recursive: true });
  writeFileSync(join(root, "etc/docker/daemon.json"), '{"debug":true}');
  writeFileSync(join(root, "etc/systemd/system/docker.service"), "[Service]\n");
  writeFileSync(join(root, "usr/bin/docker"), "the stock client", { mode: 0o755 });
  writeFileSync(join(root, "etc/group"), groups);
  return root;
}

const gantry = (...args: readonly string[]): Promise<string> => succeed([builtProgram("gantry"), "system", ...args]);

describe("gantry system install", () => {
  test("says each thing that it does, and does nothing twice", async () => {
    const root = machineRoot("root:x:0:\n");
    try {
      const before = tree(root);
      const said = (await gantry("install", "--root", root)).trimEnd().split("\n");
      const made = said.filter((line) => line.startsWith("made /")).map((line) => line.slice("made ".length));
      expect(made).toEqual(
        expect.arrayContaining([
          "/usr/local/bin/gantry",
          "/usr/local/bin/gantryd",
          "/etc/systemd/system/gantry.service",
          "/etc/systemd/system/gantry.socket",
          "/etc/gantry/daemon.json",
          "/usr/local/share/bash-completion/completions/gantry",
          "/usr/local/share/zsh/site-functions/_gantry",
          "/usr/local/share/fish/vendor_completions.d/gantry.fish",
        ]),
      );
      expect(said).toContain("made group docker");
      const after = tree(root);
      expect(made.filter((path) => !/: \d+ manual pages?$/.test(path) && after[path] === undefined)).toEqual([]);
      // Nothing of what was there was touched, but for the group.
      expect(Object.keys(before).filter((path) => path !== "/etc/group" && after[path] !== before[path])).toEqual([]);
      expect(await succeed([join(root, "usr/local/bin/gantry"), "--version"])).toStartWith("Gantry version");
      const again = (await gantry("install", "--root", root)).trimEnd().split("\n");
      expect(again.filter((line) => !/^(?:unchanged|kept) /.test(line))).toEqual([]);
      expect(tree(root)).toEqual(after);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  test("is undone by uninstall, which leaves the settings that somebody wrote with the data", async () => {
    const root = machineRoot("root:x:0:\n");
    try {
      const { "/etc/group-": _backup, ...before } = tree(root);
      await gantry("install", "--root", root);
      mkdirSync(join(root, "var/lib/gantry"), { recursive: true });
      writeFileSync(join(root, "etc/gantry/daemon.json"), '{"debug":true}\n');
      expect(await gantry("install", "--root", root)).toContain("kept /etc/gantry/daemon.json");
      const said = await gantry("uninstall", "--root", root);
      expect(said).toContain("moved /etc/gantry/daemon.json to /var/lib/gantry/daemon.json\n");
      expect(said).toContain("removed group docker\n");
      const { "/etc/group-": _ours, ...after } = tree(root);
      const data = {
        "/var": "folder",
        "/var/lib": "folder",
        "/var/lib/gantry": "folder",
        "/var/lib/gantry/daemon.json": '644 {"debug":true}\n',
      };
      expect(after).toEqual({ ...before, ...data });
      expect(await run([builtProgram("gantry"), "system", "uninstall", "--root", root])).toMatchObject({ code: 1 });
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  test("keeps a group that was there, and one that has members by now", async () => {
    for (const { groups, later } of [
      { groups: "root:x:0:\ndocker:x:990:alice\n", later: "root:x:0:\ndocker:x:990:alice\n" },
      { groups: "root:x:0:\n", later: "root:x:0:\ndocker:x:990:bob\n" },
    ]) {
      const root = machineRoot(groups);
      try {
        await gantry("install", "--root", root);
        writeFileSync(join(root, "etc/group"), later);
        await gantry("uninstall", "--root", root);
        expect(readFileSync(join(root, "etc/group"), "utf8")).toBe(later);
      } finally {
        rmSync(root, { recursive: true });
      }
    }
  });

  test("needs root for the machine itself", async () => {
    const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
    for (const verb of ["install", "uninstall"]) {
      const { code, stderr } = await run([...asNobody, builtProgram("gantry"), "system", verb], { env: { HOME: "/" } });
      expect([code, stderr]).toEqual([1, `gantry system ${verb} needs root\n`]);
    }
    expect(existsSync("/usr/local/share/gantry/installed.json")).toBe(false);
  });
});

describe("the units", () => {
  let root: string;
  const unitFile = (name: string): string => join(root, "etc/systemd/system", name);

  beforeAll(async () => {
    root = machineRoot("root:x:0:\n");
    await gantry("install", "--root", root);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  /** As systemd reads them where they are installed: in a mount namespace in which the image lies over the machine. */
  async function verify(): Promise<{ readonly code: number; readonly complaints: string }> {
    const over = ["usr", "etc"].map((folder) => `mount -t overlay -o lowerdir=${root}/${folder}:/${folder} overlay /${folder}`);
    const script = [...over, `exec ${toolPath("systemd-analyze")} verify --man=no gantry.service gantry.socket`].join(" && ");
    const { code, stderr } = await run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script]);
    return {
      code,
      complaints: stderr
        .split("\n")
        .filter((line) => line.includes("gantry"))
        .join("\n"),
    };
  }

  test("are what systemd takes without a word", async () => {
    expect(await verify()).toEqual({ code: 0, complaints: "" });
  });

  for (const [what, from, to, complaint] of [
    ["a program that is not there", "/usr/local/bin/gantryd", "/usr/local/bin/nobody", "is not executable"],
    ["a setting that there is not", "KillMode=process", "KillMood=process", "KillMood"],
    ["a value that is none", "OOMScoreAdjust=-500", "OOMScoreAdjust=low", "Failed to parse"],
  ] as const) {
    test(`are found out with ${what}`, async () => {
      const good = readFileSync(unitFile("gantry.service"), "utf8");
      expect(good).toContain(from);
      writeFileSync(unitFile("gantry.service"), good.replace(from, to));
      try {
        expect((await verify()).complaints).toContain(complaint);
      } finally {
        writeFileSync(unitFile("gantry.service"), good);
      }
    });
  }

  test("end the daemon alone, late, and with what it needs (H29)", () => {
    const settings = readFileSync(unitFile("gantry.service"), "utf8").split("\n");
    expect(settings).toEqual(
      expect.arrayContaining([
        "Type=notify",
        "StartLimitIntervalSec=0",
        "KillMode=process",
        "TasksMax=infinity",
        "LimitNOFILE=1048576",
        "OOMScoreAdjust=-500",
        "CPUWeight=800",
        "Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      ]),
    );
    expect(settings.filter((line) => line.startsWith("Delegate"))).toEqual([]);
    const socket = readFileSync(unitFile("gantry.socket"), "utf8").split("\n");
    expect(socket).toEqual(expect.arrayContaining(["SocketMode=0660", "SocketUser=root", "SocketGroup=docker"]));
  });
});
