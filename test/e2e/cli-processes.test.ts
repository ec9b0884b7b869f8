// pause, unpause, top, stats and dash of our command line, against our daemon.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { removeForced, startNew } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { openPty, type Pty } from "../support/pty.ts";
import { builtProgram } from "../support/tools.ts";

let daemon: TestDaemon;

setDefaultTimeout(20_000);

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
}, 60_000);

const quiet = { NetworkMode: "none" };
const onTerminal = (...args: readonly string[]): Pty => openPty([builtProgram("gantry"), ...args], { DOCKER_HOST: daemon.host });

describe("gantry pause and unpause", () => {
  test("print what they did, and say what they could not do", async () => {
    const id = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet }, "still");
    expect(await daemon.gantry(["pause", "still", "nope"])).toEqual({
      code: 1,
      stdout: "still\n",
      stderr: "Error response from daemon: No such container: nope\n",
    });
    expect((await daemon.gantry(["container", "pause", "still"])).stderr).toBe(
      `Error response from daemon: Container ${id} is already paused\n`,
    );
    expect((await daemon.gantry(["ps", "--filter", "name=still", "--format", "{{.Status}}"])).stdout).toMatch(/^Up .* \(Paused\)\n$/);
    expect(await daemon.gantry(["unpause", "still"])).toEqual({ code: 0, stdout: "still\n", stderr: "" });
    await removeForced(daemon, id);
  });
});

describe("gantry top", () => {
  test("hands what follows the container to ps, and shows columns as docker does", async () => {
    const id = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet }, "topped");
    const [head = "", row = ""] = (await daemon.gantry(["top", "topped", "-eo", "pid,args"])).stdout.split("\n");
    expect([head, row.replace(/^\d+ +/, "")]).toEqual([`${"PID".padEnd(20)}COMMAND`, "sleep 1000"]);
    const stock = await daemon.docker(["top", "topped", "-eo", "pid,args"]);
    expect(stock.stdout).toBe(`${head}\n${row}\n`);
    await removeForced(daemon, id);
  });
});

describe("gantry stats", () => {
  test("--no-stream prints one table, in the order of names given", async () => {
    const ids = [
      await startNew(daemon, { Cmd: ["sleep", "1000"] }, "one"),
      await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet }, "two"),
    ];
    const { stdout } = await daemon.gantry(["stats", "--no-stream", "two", "one"]);
    const [head = "", two = "", one = ""] = stdout.split("\n");
    expect(head).toMatch(/^CONTAINER ID {3}NAME {6}CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS$/);
    expect(two).toMatch(
      new RegExp(`^${ids[1]?.slice(0, 12)} {3}two {7}\\d+\\.\\d\\d% +[\\d.]+[KM]iB / [\\d.]+[MG]iB +\\d+\\.\\d\\d% +0B / 0B +.* 1$`),
    );
    expect(one).toContain("one");
    const all = await daemon.gantry(["stats", "--no-stream", "--format", "json"]);
    const rows = all.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly Name: string; readonly PIDs: string });
    expect(rows.map(({ Name, PIDs }) => [Name, PIDs])).toEqual([
      ["two", "1"],
      ["one", "1"],
    ]);
    expect(await daemon.gantry(["stats", "--no-stream", "one", "nope"])).toEqual({
      code: 1,
      stdout: "",
      stderr: "Error response from daemon: No such container: nope\n",
    });
    for (const id of ids) await removeForced(daemon, id);
  });

  test("draws anew, with containers that come and without those that end", async () => {
    const first = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet }, "first");
    await using screen = onTerminal("stats", "--format", "table {{.Name}}\\t{{.PIDs}}");
    await screen.shows(/\u001b\[HNAME +PIDS\u001b\[K\r\nfirst +1\u001b\[K\r\n\u001b\[J/);
    const second = await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet }, "second");
    await screen.shows(/\u001b\[HNAME +PIDS\u001b\[K\r\nfirst +1\u001b\[K\r\nsecond +1\u001b\[K\r\n\u001b\[J/);
    await removeForced(daemon, first);
    await screen.shows(/\u001b\[HNAME +PIDS\u001b\[K\r\nsecond +1\u001b\[K\r\n\u001b\[J/);
    await removeForced(daemon, second);
    screen.type("\u0003");
    expect(await screen.exited).not.toBe(0);
  });
});
