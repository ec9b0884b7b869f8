// What the daemon shows to the rest of the machine, and what it hands on to its children: its socket, its folders, its environment, its
// descriptors, its threads.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { inspect, removeForced, startNew } from "../support/container-calls.ts";
import { run, type Output } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { linkTarget, markedProcesses } from "../support/processes.ts";
import { makePlace } from "../support/test-place.ts";
import { builtProgram, projectRoot } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

setDefaultTimeout(60_000);

const nobody = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "--"];

describe("E01, H14: the socket", () => {
  /** Connects again and again for a second and a half; says "in" when it once could, else "out". */
  const knock = (socket: string): readonly string[] => [
    "perl",
    "-MIO::Socket::UNIX",
    "-e",
    '$end = time + 2; while (time < $end) { if (IO::Socket::UNIX->new(Peer => $ARGV[0])) { print "in"; exit } select undef, undef, undef, 0.0005 } print "out"',
    socket,
  ];

  test("is 0660 of root and its group from its first instant, under umask 000, and never lets uid 1000 in", async () => {
    const place = makePlace();
    mkdirSync(place.execRoot, { mode: 0o711 });
    const modes = new Set<string>();
    const ended = new AbortController();
    const watching = (async (): Promise<void> => {
      while (!ended.signal.aborted) {
        for (const path of [place.socket, `${place.socket}.d`]) {
          const found = lstatSync(path, { throwIfNoEntry: false });
          if (found === undefined) continue;
          const { mode, uid } = found;
          modes.add(`${path === place.socket ? "socket" : "nursery"} ${(mode & 0o7777).toString(8)} ${uid}`);
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const knocking = run([...nobody, ...knock(place.socket)]);
    const program = ["sh", "-c", 'umask 000; exec "$0" "$@"', builtProgram("gantryd")];
    await using daemon = await startDaemon({ place, enclosed: true, program });
    expect((await knocking).stdout).toBe("out");
    expect((await run(knock(place.socket))).stdout).toBe("in");
    ended.abort();
    await watching;
    expect(modes.has("socket 660 0")).toBe(true);
    expect([...modes].filter((mode) => mode !== "socket 660 0" && mode !== "nursery 700 0")).toEqual([]);
    const docker = /^docker:[^:]*:(\d+):/m.exec(readFileSync("/etc/group", "utf8"))?.[1];
    expect(lstatSync(daemon.place.socket).gid).toBe(Number(docker ?? 0));
  });
});

/** Undefined when it is refused: the daemon accepts more slowly than a loop connects, and its queue is full then. */
function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}

describe("a daemon with a container", () => {
  const marker = crypto.getRandomValues(new Uint8Array(16)).toHex();
  const held = new AsyncDisposableStack();
  const connections: Socket[] = [];
  let daemon: TestDaemon;
  let id: string;
  let init: number;
  let monitor: number;

  beforeAll(async () => {
    const env = { MARKER: marker, LD_PRELOAD: `/${marker}.so`, DOCKER_HOST: `unix:///${marker}` };
    daemon = held.use(await startDaemon({ enclosed: true, env }));
    await loadImage(daemon.place.socket, "busybox");
    for (let count = 0; count < 1_000; count += 1) {
      connections.push(await waitFor(() => connected(daemon.place.socket), { what: "connection to the daemon" }));
    }
    id = await startNew(daemon, { Cmd: ["sleep", "1000"] });
    init = (await inspect(daemon, id)).State.Pid;
    monitor = markedProcesses(daemon.place.token).find(({ command }) => command.includes("/conmon "))?.pid ?? 0;
  });
  afterAll(async () => {
    for (const socket of connections) socket.destroy();
    await held.disposeAsync();
  });

  const environment = (pid: number): string => readFileSync(`/proc/${pid}/environ`, "latin1");
  const targets = (pid: number): readonly string[] => readdirSync(`/proc/${pid}/fd`).map((fd) => linkTarget(`/proc/${pid}/fd/${fd}`));
  const exec = (...command: readonly string[]): Promise<Output> => daemon.gantry(["exec", id, ...command]);

  test("T08, H30: gives none of its environment to monitor, init or exec", async () => {
    expect(environment(daemon.pid)).toContain(marker);
    expect(
      environment(monitor)
        .split("\0")
        .filter(Boolean)
        .map((entry) => entry.replace(/=.*/s, ""))
        .toSorted(),
    ).toEqual(["PATH", "TMPDIR", "TZ", "_OCI_ATTACHPIPE", "_OCI_STARTPIPE", "_OCI_SYNCPIPE"]);
    expect(environment(init)).not.toContain(marker);
    expect((await exec("env")).stdout.replace(/=.*/g, "").trim().split("\n").toSorted()).toEqual(["HOME", "HOSTNAME", "PATH"]);
    expect(JSON.stringify(await inspect(daemon, id))).not.toContain(marker);
  });

  test("T08: with 1,000 descriptors open gives init and exec 0 to 2, and the monitor no folder and no socket but its own", async () => {
    expect(targets(daemon.pid).length).toBeGreaterThan(1_000);
    expect(readdirSync(`/proc/${init}/fd`)).toEqual(["0", "1", "2"]);
    expect((await exec("sh", "-c", "ls /proc/$$/fd; true")).stdout).toBe("0\n1\n2\n");
    const open = targets(monitor);
    expect(open.filter((target) => target.startsWith("socket:")).length).toBeLessThanOrEqual(9);
    expect(open.filter((target) => target.startsWith("/") && existsSync(target) && lstatSync(target).isDirectory())).toEqual([]);
  });

  test("H18: its folders are closed to others", async () => {
    const { dataRoot, execRoot } = daemon.place;
    const mode = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8);
    expect(mode(dataRoot)).toBe("710");
    const open = readdirSync(dataRoot).filter((name) => (lstatSync(join(dataRoot, name)).mode & 0o077) !== 0);
    expect(open.filter((name) => !lstatSync(join(dataRoot, name)).isDirectory() || mode(join(dataRoot, name)) !== "710")).toEqual([]);
    expect(mode(join(execRoot, "monitors"))).toBe("700");
    for (const path of [dataRoot, join(dataRoot, "state.db"), join(dataRoot, "layers"), join(execRoot, "monitors")]) {
      expect({ path, code: (await run([...nobody, "cat", path])).code, list: (await run([...nobody, "ls", path])).stdout }).toEqual({
        path,
        code: 1,
        list: "",
      });
    }
    expect((await run([...nobody, "ls", "/"])).code).toBe(0);
  });

  test("F03: opens no socket that a container on the host's network could name", async () => {
    const look = async (): Promise<string[]> => {
      const { stdout } = await daemon.gantry(["run", "--rm", "--network", "host", "busybox", "cat", "/proc/net/unix"]);
      return stdout.split("\n").flatMap((line) => / (@.*)$/.exec(line)?.[1] ?? []);
    };
    expect(await look()).toEqual([]);
    const planted = `@planted-${daemon.place.token}`;
    const script = 'socket(S, 1, 1, 0); bind(S, pack("S a*", 1, "\\0" . substr($ARGV[0], 1))); listen(S, 1); $| = 1; print "up"; sleep 60';
    const child = Bun.spawn([...(daemon.enclosure?.prefix ?? []), "perl", "-e", script, planted], { stdout: "pipe", stdin: "ignore" });
    try {
      for await (const _ of child.stdout) break;
      expect(await look()).toEqual([planted]);
    } finally {
      child.kill("SIGKILL");
      await child.exited;
    }
  });

  test("I39: none of its threads is in a container's namespaces after 40 containers", async () => {
    const kinds = ["net", "mnt", "pid", "ipc", "uts"];
    const strays = (pid: number): string[] =>
      readdirSync(`/proc/${pid}/task`).flatMap((task) =>
        kinds
          .filter((kind) => linkTarget(`/proc/${pid}/task/${task}/ns/${kind}`) !== linkTarget(`/proc/${daemon.pid}/ns/${kind}`))
          .map((kind) => `${task} ${kind}`),
      );
    for (let round = 0; round < 10; round += 1) {
      const ids = await Promise.all(Array.from({ length: 4 }, () => startNew(daemon, { Cmd: ["sleep", "1000"] })));
      await Promise.all(ids.map((one) => daemon.request(`/containers/${one}/json`).then((reply) => reply.text())));
      expect(strays(daemon.pid)).toEqual([]);
      await Promise.all(ids.map((one) => removeForced(daemon, one)));
    }
    expect(strays(daemon.pid)).toEqual([]);
    expect(strays(init).length).toBe(kinds.length);
  });
});

describe("T07: a working folder full of traps", () => {
  test.each([
    ["the compiled daemon", [builtProgram("gantryd")]],
    ["the daemon from source", [join(projectRoot, "src/main.ts"), "daemon"]],
  ])("%s starts and runs a container in it as anywhere", async (_, program) => {
    const place = makePlace();
    const folder = join(place.home, "cwd");
    mkdirSync(folder);
    const sprung = join(folder, "sprung");
    const files = {
      ".env": "DOCKER_HOST=unix:///from-the-folder\nPATH=/from-the-folder\nLD_PRELOAD=/from-the-folder.so\n",
      "bunfig.toml": 'preload = ["./trap.ts"]\n[run]\npreload = ["./trap.ts"]\n',
      "package.json": '{"type":"module","imports":{"#engine":"./trap.ts","#base":"./trap.ts"}}',
      "tsconfig.json": '{"compilerOptions":{"paths":{"#engine":["./trap.ts"]}}}',
      "trap.ts": `require("node:fs").writeFileSync(${JSON.stringify(sprung)}, "");\n`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const env = { PATH: `${join(projectRoot, "node_modules/.bin")}:${process.env["PATH"] ?? ""}` };
    await using daemon = await startDaemon({ place, enclosed: true, program, env });
    await loadImage(place.socket, "busybox");
    expect(await daemon.gantry(["run", "--rm", "busybox", "echo", "ran"], { cwd: folder })).toMatchObject({ code: 0, stdout: "ran\n" });
    expect(existsSync(sprung)).toBe(false);
    expect(daemon.log).not.toContain("from-the-folder");
    // The traps work: a program that lets Bun read the folder falls into one.
    await run(["bun", "run", "trap.ts"], { cwd: folder, env });
    await waitFor(() => existsSync(sprung), { what: "sprung trap" });
  });
});
