// pause, unpause, top, stats and dash of our command line, against our daemon.
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { inspect, list, removeForced, startNew } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { openPty, type Pty } from "../support/pty.ts";
import { builtProgram } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

let daemon: TestDaemon;

setDefaultTimeout(20_000);

beforeAll(async () => {
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
}, 60_000);

afterEach(async () => {
  await Promise.all((await list(daemon, true)).map((id) => removeForced(daemon, id)));
});

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
  });
});

describe("gantry top", () => {
  test("hands what follows the container to ps, and shows columns as docker does", async () => {
    await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet }, "topped");
    const [head = "", row = ""] = (await daemon.gantry(["top", "topped", "-eo", "pid,args"])).stdout.split("\n");
    expect([head, row.replace(/^\d+ +/, "")]).toEqual([`${"PID".padEnd(20)}COMMAND`, "sleep 1000"]);
    const stock = await daemon.docker(["top", "topped", "-eo", "pid,args"]);
    expect(stock.stdout).toBe(`${head}\n${row}\n`);
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

describe("gantry dash", () => {
  const settings = (): Readonly<Record<string, string>> => ({ DOCKER_HOST: daemon.host });
  const gantry = builtProgram("gantry");
  /** The picture that stands on the screen. */
  const picture = (screen: Pty): string => screen.text().split("\u001b[H").at(-1) ?? "";
  const shows = (screen: Pty, pattern: RegExp): Promise<unknown> =>
    waitFor(() => pattern.test(picture(screen)), { what: String(pattern) }).catch((error: unknown) => {
      throw new Error(`the picture is ${JSON.stringify(picture(screen))}`, { cause: error });
    });

  test("shows what comes, does what is asked, and puts the terminal back", async () => {
    const id = await startNew(
      daemon,
      { Cmd: ["sh", "-c", "trap 'exit 5' TERM; echo hello; while :; do sleep 0.1; done"], HostConfig: quiet },
      "alpha",
    );
    // The shell tells of the terminal before and after.
    await using screen = openPty(["sh", "-c", `stty -g; ${gantry} dash; echo "code $?"; stty -g`], settings());
    await shows(screen, /> alpha .*Up .*busybox/);
    await shows(screen, /Log of alpha.*\r\nhello/s);
    await shows(screen, /> alpha +\d+\.\d\d% +[\d.]+[KM]iB/);
    const other = await startNew(daemon, { Cmd: ["sh", "-c", "echo other words; exec sleep 1000"], HostConfig: quiet }, "beta");
    await shows(screen, /2 containers, 2 running.* {2}beta /s);
    screen.type("\u001b[B");
    await shows(screen, /> beta .*Log of beta.*\r\nother words/s);
    screen.type("p");
    await shows(screen, /1 running, 1 paused.*> beta /s);
    expect((await inspect(daemon, other)).State.Status).toBe("paused");
    screen.type("p");
    await shows(screen, /2 running/);
    screen.type("k");
    await shows(screen, /> alpha /);
    const { Pid } = (await inspect(daemon, id)).State;
    screen.type("j");
    await shows(screen, /> beta /);
    await removeForced(daemon, other);
    await shows(screen, /1 container, 1 running.*> alpha /s);
    screen.type("r");
    await shows(screen, /restart alpha: done/);
    const { State } = await inspect(daemon, id);
    expect([State.Status, State.Pid === Pid]).toEqual(["running", false]);
    screen.type("s");
    await shows(screen, /0 running.*> alpha .*Exited \(5\)/s);
    screen.type("p");
    await shows(screen, /Error response from daemon: container \w+/);
    screen.resize(60, 10);
    await waitFor(() => picture(screen).split("\r\n").length === 10, { what: "a picture of ten lines" });
    screen.type("q");
    await screen.shows(/code 0/);
    expect(await screen.exited).toBe(0);
    const [before, after] = screen.text().match(/^[0-9a-f]+(?::[0-9a-f]+){10,}/gm) ?? [];
    expect(after).toBe(before ?? "never told");
    expect(screen.text()).toMatch(/\u001b\[\?1049h\u001b\[\?25l[^]*\u001b\[\?25h\u001b\[\?1049lcode 0\r\n/);
  });

  test("puts the terminal back when it is ended by a signal", async () => {
    // The shell's own child: its pid is told before it becomes the program.
    const script = `stty -g; sh -c 'echo pid $$; exec ${gantry} dash'; echo "code $?"; stty -g`;
    await using screen = openPty(["sh", "-c", script], settings());
    await shows(screen, /0 containers/);
    process.kill(Number(/pid (\d+)/.exec(screen.text())?.[1]), "SIGTERM");
    await screen.shows(/code 143/);
    await screen.exited;
    const [before, after] = screen.text().match(/^[0-9a-f]+(?::[0-9a-f]+){10,}/gm) ?? [];
    expect(after).toBe(before ?? "never told");
    expect(screen.text()).toContain("\u001b[?25h\u001b[?1049lcode 143");
  });

  test("takes a terminal that nobody told its size for one of 80 columns", async () => {
    await using screen = openPty(["sh", "-c", `stty rows 0 cols 0; exec ${gantry} dash`], settings());
    await shows(screen, /0 containers.*NAME▼ .*q quit/s);
  });

  test("has no colours where NO_COLOR is set, and refuses what is no terminal", async () => {
    await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet }, "plain");
    await using screen = openPty([gantry, "dash"], { ...settings(), NO_COLOR: "1" });
    await shows(screen, /> plain .*busybox/);
    screen.type("\u0003");
    expect(await screen.exited).toBe(0);
    expect(screen.text().match(/\u001b\[[\d;]*m/g)).toEqual(["\u001b[0m"]);
    expect(await daemon.gantry(["dash"])).toEqual({
      code: 1,
      stdout: "",
      stderr: "gantry dash needs a terminal for its input and its output\n",
    });
  });

  test("lets no log line speak to the terminal", async () => {
    const script = "printf '\\033]52;c;aGk=\\007\\033[2Jowned\\033[31m\\n'; exec sleep 1000";
    await startNew(daemon, { Cmd: ["sh", "-c", script], HostConfig: quiet }, "evil");
    await using screen = openPty([gantry, "dash"], { ...settings(), NO_COLOR: "1" });
    await shows(screen, /Log of evil.*\r\nowned/s);
    expect(screen.text()).not.toContain("\u001b]52");
    expect(screen.text()).not.toContain("[31m");
    screen.type("q");
    await screen.exited;
  });

  test("goes on when the daemon comes back", async () => {
    await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet }, "lasting");
    await using screen = openPty([gantry, "--no-autostart", "dash"], settings());
    await shows(screen, /> lasting /);
    await daemon.kill();
    await shows(screen, /daemon|EOF|connect/);
    await daemon.start();
    await startNew(daemon, { Cmd: ["sleep", "1000"], HostConfig: quiet }, "newer");
    await shows(screen, /2 containers, 2 running/);
    screen.type("q");
    expect(await screen.exited).toBe(0);
  });
});
