// The command line starts the daemon where none answers. In namespaces of its own, since it uses the default places.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { rmdirSync } from "node:fs";
import { run, succeed } from "../support/command.ts";
import { openEnclosure, type Enclosure } from "../support/enclosure.ts";
import { builtProgram } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

let enclosure: Enclosure;
const env = { DOCKER_HOST: "" };
const inside = (...command: readonly string[]): Promise<string> => succeed([...enclosure.prefix, ...command], { env });

beforeAll(async () => {
  enclosure = await openEnclosure();
  for (const path of ["/run", "/var/lib"]) await inside("mount", "-t", "tmpfs", "tmpfs", path);
}, 30_000);

afterAll(async () => {
  await enclosure[Symbol.asyncDispose]();
  removeDefaultGroups();
});

/** Those that the daemon made, unless one of this machine's own is in them. */
function removeDefaultGroups(): void {
  for (const path of ["", "*/"].flatMap((root) => ["daemon", ""].map((name) => `${root}gantry/${name}`)).flatMap(groups)) {
    try {
      rmdirSync(path);
    } catch (error) {
      if (!["EBUSY", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
}

function groups(pattern: string): string[] {
  return [...new Bun.Glob(pattern).scanSync({ cwd: "/sys/fs/cgroup", onlyFiles: false, absolute: true })];
}

test("one daemon for six command lines at once; with -H, DOCKER_HOST or --no-autostart none", async () => {
  const gantry = builtProgram("gantry");
  const refused = await Promise.all([
    run([...enclosure.prefix, gantry, "--no-autostart", "ps"], { env }),
    run([...enclosure.prefix, gantry, "-H", "unix:///run/gantry/gantry.sock", "ps"], { env }),
    run([...enclosure.prefix, gantry, "ps"], { env: { DOCKER_HOST: "unix:///run/gantry/gantry.sock" } }),
  ]);
  expect(
    refused.map(({ code, stderr }) => ({
      code,
      says: stderr.startsWith("Cannot connect to the Gantry daemon at unix:///run/gantry/gantry.sock"),
    })),
  ).toEqual(Array.from({ length: 3 }, () => ({ code: 1, says: true })));
  const answers = await Promise.all(Array.from({ length: 6 }, () => run([...enclosure.prefix, gantry, "ps", "-aq"], { env })));
  expect(answers).toEqual(Array.from({ length: 6 }, () => ({ code: 0, stdout: "", stderr: "" })));
  const pid = Number(await inside("cat", "/run/gantry/gantryd.pid"));
  try {
    expect((await inside("cat", "/run/gantry/gantryd.log")).match(/"API listens"/g)).toHaveLength(1);
    expect(await inside("ls", "/run/gantry")).not.toContain("autostart.lock");
    // A session of its own: the shell that started it may go.
    const fields = (await inside("cat", `/proc/${pid}/stat`)).split(") ")[1]?.split(" ") ?? [];
    expect(Number(fields[3])).toBe(pid);
    await waitFor(async () => (await inside("cat", `/proc/${pid}/cgroup`)).includes(":/gantry/daemon\n"), { what: "group of the daemon" });
  } finally {
    process.kill(pid, "SIGTERM");
    await waitFor(async () => (await run(["kill", "-0", String(pid)])).code !== 0, { what: "end of the daemon" });
  }
}, 60_000);
