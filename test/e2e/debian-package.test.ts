// The Debian package: what it holds, that it is made twice the same, and that dpkg installs and removes it, beside an installed Docker.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { debianFiles } from "../../scripts/package/debian-files.ts";
import { writeDebianPackage } from "../../scripts/package/debian-package.ts";
import { run, succeed, type Output } from "../support/command.ts";
import { startDaemon } from "../support/daemon.ts";
import { projectRoot } from "../support/tools.ts";

// dpkg takes its time where others compute.
setDefaultTimeout(180_000);

const folder = mkdtempSync("/var/tmp/gantry-deb-");
const deb = join(folder, "gantry.deb");
const facts = { version: "9.8.7", architecture: process.arch === "arm64" ? "arm64" : "amd64", time: 1_700_000_000 } as const;
const make = (target: string): void => writeDebianPackage(target, { root: projectRoot, files: debianFiles(projectRoot, facts), facts });

beforeAll(() => make(deb));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the package", () => {
  test("is made twice the same, whatever the umask", async () => {
    const umask = process.umask(0o077);
    try {
      make(join(folder, "again.deb"));
    } finally {
      process.umask(umask);
    }
    expect(Bun.hash(readFileSync(join(folder, "again.deb")))).toBe(Bun.hash(readFileSync(deb)));
  });

  test("depends on what the engine runs, and on nothing that an installed Docker would have to leave for", async () => {
    const field = async (name: string): Promise<string> => (await succeed(["dpkg-deb", "--field", deb, name])).trim();
    expect(await field("Version")).toBe("9.8.7");
    expect((await field("Depends")).split(", ")).toEqual(expect.arrayContaining(["conmon", "crun | runc"]));
    for (const name of ["Conflicts", "Breaks", "Replaces", "Provides"]) expect([name, await field(name)]).toEqual([name, ""]);
    expect(await succeed(["dpkg-deb", "--info", deb, "conffiles"])).toBe("/etc/gantry/daemon.json\n");
  });

  test("holds files of root's that others may read and not write, none of them docker's", async () => {
    const entries = (await succeed(["dpkg-deb", "--contents", deb])).trimEnd().split("\n");
    const odd = entries.filter(
      (line) => !/^(?:d|l|-)rw[xX-]r-?[xX-]?.* root\/root |^lrwxrwxrwx root\/root /.test(line) || /^[^l].{4}w|^[^l].{7}w/.test(line),
    );
    expect(odd).toEqual([]);
    expect(entries.filter((line) => /docker/.test(line))).toEqual([]);
    const paths = entries.map((line) => line.split(/\s+/)[5]);
    expect(paths).toEqual(
      expect.arrayContaining([
        "./usr/bin/gantry",
        "./usr/bin/gantryd",
        "./usr/lib/systemd/system/gantry.service",
        "./usr/share/doc/gantry/copyright",
      ]),
    );
  });

  test("holds a daemon that runs from where it was unpacked", async () => {
    const unpacked = join(folder, "unpacked");
    await succeed(["dpkg-deb", "--extract", deb, unpacked]);
    await using daemon = await startDaemon({ program: [join(unpacked, "usr/bin/gantryd")] });
    expect(await daemon.docker(["version", "--format", "{{.Server.Version}}"])).toMatchObject({ code: 0, stdout: "28.5.2\n" });
  });
});

describe("dpkg", () => {
  /** Runs a script on this machine as if it were its own: what it writes into /etc, /usr and /var/lib goes into a folder of the test. */
  function onMachine(script: string): Promise<Output> {
    const layer = mkdtempSync(join(folder, "layer-"));
    const layers = ["etc", "usr", "var/lib"].map((path) => {
      const [upper, work] = ["upper", "work"].map((kind) => join(layer, kind, path)) as [string, string];
      for (const made of [upper, work]) mkdirSync(made, { recursive: true });
      return `mount -t overlay -o lowerdir=/${path},upperdir=${upper},workdir=${work} overlay /${path}`;
    });
    // No supervisor of the machine's may be reached from in there.
    const lines = ["set -e", ...layers, "mount -t tmpfs tmpfs /run", script];
    return run(["unshare", "--mount", "--propagation", "private", "sh", "-c", lines.join("\n")], {
      patience: 150_000,
      env: { DEBIAN_FRONTEND: "noninteractive" },
    });
  }

  const dpkg = "dpkg --force-depends --force-unsafe-io --force-confold --no-triggers";
  const traces = "find /etc /usr /var/lib -xdev -name '*gantry*' ! -path '/var/lib/gantry*' ! -path '/usr/local/*' | sort";

  test("installs it: group, units, a program that runs", async () => {
    const { code, stdout, stderr } = await onMachine(`
      ${dpkg} -i ${deb} >/dev/null 2>&1
      getent group docker >/dev/null && echo "group"
      /usr/bin/gantry --version
      /usr/bin/gantryd --validate 2>&1
      readlink /etc/systemd/system/multi-user.target.wants/gantry.service /etc/systemd/system/sockets.target.wants/gantry.socket
      systemd-analyze verify --man=no gantry.service gantry.socket 2>&1 | grep gantry || echo "units"`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trimEnd().split("\n")).toEqual([
      "group",
      expect.stringMatching(/^Gantry version /),
      "configuration OK",
      "/lib/systemd/system/gantry.service",
      "/lib/systemd/system/gantry.socket",
      "units",
    ]);
  });

  test("keeps changed settings over an upgrade, and purges all but data", async () => {
    // The same package with a program of no size: three installations of the real one take their time.
    const light = join(folder, "light.deb");
    const empty = debianFiles(projectRoot, facts).map((file) =>
      file.path === "usr/bin/gantry" ? { ...file, bytes: new Uint8Array() } : file,
    );
    writeDebianPackage(light, { root: projectRoot, files: empty, facts });
    const { code, stdout, stderr } = await onMachine(`
      ${traces} > /run/before
      ${dpkg} -i ${light} >/dev/null 2>&1
      echo '{"debug":true}' > /etc/gantry/daemon.json
      mkdir -p /var/lib/gantry && touch /var/lib/gantry/state.db
      ${dpkg} -i ${light} >/dev/null 2>&1
      cat /etc/gantry/daemon.json
      ${dpkg} -r gantry >/dev/null 2>&1
      cat /etc/gantry/daemon.json
      [ -e /usr/bin/gantry ] || echo "program gone"
      ${dpkg} -P gantry >/dev/null 2>&1
      ls /var/lib/gantry/state.db
      ${traces} > /run/after
      diff /run/before /run/after && echo "no trace"`);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '{"debug":true}\n{"debug":true}\nprogram gone\n/var/lib/gantry/state.db\nno trace\n',
      stderr: "",
    });
  });
});
