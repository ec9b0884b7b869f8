// What people do with Docker all day, with the stock client and with ours, against the compiled daemon and a real registry.
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Output } from "../support/command.ts";
import type { TestDaemon } from "../support/daemon.ts";
import type { Enclosure } from "../support/enclosure.ts";
import { openPty, type Pty } from "../support/pty.ts";
import { startSettledDaemon, type SettledDaemon } from "../support/settled-daemon.ts";
import { type EnclosedRegistry, startEnclosedRegistry } from "../support/starter-registry.ts";
import { builtProgram, stockClient } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";
import { greeting } from "../../scripts/images/hello-world-image.ts";

setDefaultTimeout(30_000);

const port = 8080;
const held = new AsyncDisposableStack();
let settled: SettledDaemon;
let registry: EnclosedRegistry;

beforeAll(async () => {
  const settle = async (daemon: TestDaemon, enclosure: Enclosure): Promise<void> => {
    registry = held.use(await startEnclosedRegistry(enclosure));
    for (const verb of ["pull", "rmi"]) await daemon.gantry([verb, `${registry.host}/busybox`]);
  };
  settled = held.use(await startSettledDaemon({ settle }));
}, 60_000);

afterAll(async () => {
  await held.disposeAsync();
}, 60_000);

describe.each([
  ["the stock client", stockClient()],
  ["our client", builtProgram("gantry")],
])("the main job with %s", (_, client) => {
  const cli = (args: readonly string[], stdin?: string): Promise<Output> =>
    settled.daemon.run([client, ...args], stdin === undefined ? {} : { stdin });
  const out = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await cli(args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: "" });
    return stdout;
  };
  const screen = (...args: readonly string[]): Pty =>
    openPty([...settled.enclosure.prefix, client, ...args], { DOCKER_HOST: settled.daemon.host });
  const curl = (path: string): Promise<Output> => settled.daemon.run(["curl", "-sS", "-m", "5", `http://127.0.0.1:${port}${path}`]);
  const serve = (): Promise<string> => out("run", "-d", "--name", "web", "-p", `${port}:80`, "busybox", "httpd", "-f", "-h", "/etc");

  afterEach(async () => {
    const left = (await out("ps", "-aq")).split("\n").filter((id) => id !== "");
    if (left.length > 0) await out("rm", "-f", ...left);
    expect(left).toEqual([]);
    expect(await settled.leaks()).toEqual([]);
  });

  test("pull, images, run and rmi of an image of a registry", async () => {
    const name = `${registry.host}/busybox`;
    const pulled = await out("pull", name);
    expect(pulled).toStartWith("Using default tag: latest\nlatest: Pulling from busybox\n");
    expect(pulled).toEndWith(`Status: Downloaded newer image for ${name}:latest\n${name}:latest\n`);
    expect(await out("pull", "-q", name)).toBe(`${name}:latest\n`);
    const row = (await out("images")).split("\n").find((line) => line.startsWith(name));
    expect(row).toMatch(/busybox +latest +[0-9a-f]{12} +\d+ months ago +[\d.]+MB$/);
    expect(await out("run", "--rm", name, "echo", "hi")).toBe("hi\n");
    expect(await out("rmi", name)).toStartWith(`Untagged: ${name}:latest\n`);
  });

  test("run hello-world", async () => {
    expect(await out("run", "--name", "hello", "hello-world")).toBe(greeting);
    expect(await out("logs", "hello")).toBe(greeting);
    expect(await out("rm", "hello")).toBe("hello\n");
  });

  test("run -d -p, curl, ps, logs, stop, ps -a, rm", async () => {
    const id = await serve();
    expect(id).toMatch(/^[0-9a-f]{64}\n$/);
    const host = await waitFor(async () => (await curl("/hostname")).stdout || undefined, { what: "answer of the published port" });
    expect(host).toBe(`${id.slice(0, 12)}\n`);
    const [head, row, ...rest] = (await out("ps")).split("\n");
    expect(head).toMatch(/^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/);
    expect(row).toMatch(/^[0-9a-f]{12} +busybox +"httpd -f -h \/etc" +.+ ago +Up .+ +0\.0\.0\.0:8080->80\/tcp, \[::\]:8080->80\/tcp +web$/);
    expect(rest).toEqual([""]);
    expect(await out("logs", "web")).toBe("");
    expect(await out("stop", "-t", "1", "web")).toBe("web\n");
    expect((await curl("/hostname")).code).toBe(7);
    expect(await out("ps", "-q")).toBe("");
    expect(await out("ps", "-a")).toMatch(/\n[0-9a-f]{12} +busybox +"httpd -f -h \/etc" +.+ ago +Exited \(137\) .+ ago +web\n$/);
    expect(await out("start", "web")).toBe("web\n");
    expect(
      (await waitFor(async () => (await curl("/hostname")).stdout || undefined, { what: "answer after the second start" })).trim(),
    ).toBe(id.slice(0, 12));
    expect(await out("rm", "-f", "web")).toBe("web\n");
    expect((await curl("/hostname")).code).toBe(7);
  });

  test("exec -it web sh", async () => {
    const id = (await serve()).slice(0, 12);
    await using shell = screen("exec", "-it", "web", "sh");
    await shell.shows(/# /);
    shell.type("hostname; tty; exit 4\r");
    expect(await shell.exited).toBe(4);
    expect(shell.text()).toContain(`${id}\r\n/dev/pts/`);
    expect(await out("rm", "-f", "web")).toBe("web\n");
  });

  test("echo x | run -i busybox cat", async () => {
    const { code, stdout } = await cli(["run", "-i", "--rm", "busybox", "cat"], "x\n");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "x\n" });
  });

  test.each([
    ["without a terminal of its own", []],
    ["on a terminal", ["-it"]],
  ])("ctrl-c ends a container %s", async (_title, flags) => {
    const script = "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.05; done";
    await using terminal = screen("run", "--rm", ...flags, "busybox", "sh", "-c", script);
    await terminal.shows(/ready/);
    terminal.type("\u0003");
    expect(await terminal.exited).toBe(3);
    expect(terminal.text()).toContain("caught\r\n");
  });

  test("detach, attach, and the end of the container", async () => {
    await using first = screen("run", "-it", "--name", "left", "busybox", "sh");
    await first.shows(/# /);
    first.type("\u0010\u0011");
    expect(await first.exited).toBe(0);
    expect(names(await out("ps"))).toEqual(["left"]);
    await using second = screen("attach", "left");
    await second.shows(/# /);
    second.type("\u0010\u0011");
    await second.exited;
    expect(names(await out("ps"))).toEqual(["left"]);
    await using third = screen("attach", "left");
    await third.shows(/# /);
    third.type("exit 6\r");
    expect(await third.exited).toBe(6);
    expect(await out("rm", "left")).toBe("left\n");
  });

  test("exit codes of what does not start", async () => {
    const codes = await Promise.all(
      [
        ["busybox", "nocmd"],
        ["busybox", "/etc/passwd"],
        ["--pull", "never", "absent"],
        ["busybox", "sh", "-c", "exit 9"],
      ].map(async (args) => (await cli(["run", "--rm", ...args])).code),
    );
    expect(codes).toEqual([127, 126, 125, 9]);
  });
});

/** The last column of a table. */
function names(table: string): (string | undefined)[] {
  return table
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((row) => row.split(" ").at(-1));
}

test("the daemon has served all of it as one process that reported no failure", () => {
  expect(readFileSync(settled.daemon.place.pidFile, "utf8").trim()).toBe(String(settled.daemon.pid));
  expect(settled.daemon.log.split("\n").filter((line) => /"level":"error"/.test(line))).toEqual([]);
});
