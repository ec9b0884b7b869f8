// The daemon as a service: its socket is the supervisor's (sd_listen_fds(3)), and it says where it stands (sd_notify(3)).
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { sweep } from "../support/sweep.ts";
import { makePlace, type TestPlace } from "../support/test-place.ts";
import { builtProgram, stockClient, toolPath } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

setDefaultTimeout(30_000);

describe("a daemon behind a socket that is there before it", () => {
  test("starts with the first request, and listens nowhere else", async () => {
    const place = makePlace();
    mkdirSync(place.execRoot, { recursive: true });
    const activate = [toolPath("systemd-socket-activate"), "--listen", place.socket, "--fdname", "gantry.sock", "-E", "GANTRY_TEST"];
    await using daemon = await startDaemon({
      place,
      enclosed: true,
      listensOn: "fd://",
      program: [...activate, builtProgram("gantryd")],
    });
    expect(daemon.log).toContain('"msg":"API listens","hosts":"fd://gantry.sock"');
    expect(await daemon.docker(["version", "--format", "{{.Server.Version}}"])).toMatchObject({ code: 0, stdout: "28.5.2\n" });
    // An HTTP server of Bun's that is given a descriptor opens a random TCP port on every address instead.
    expect(await daemon.run(["ss", "-Hltn"])).toMatchObject({ code: 0, stdout: "" });
    await plantListener(daemon);
    expect((await daemon.run(["ss", "-Hltn", "state", "listening", "-x", "src", place.socket])).stdout).toContain(place.socket);
    await daemon.docker(["kill", "nobody"]);
    expect(daemon.log).toMatch(/"caller":"uid=0 gid=0 pid=[1-9]\d*","verb":"containers\.kill","subject":"nobody"/);
  });

  test("leaves it there: who calls while no daemon runs is answered by the next one", async () => {
    const place = makePlace();
    await using supervisor = await startSupervisor(place, 3);
    const version = (): Promise<string> =>
      run([stockClient(), "-H", `unix://${place.socket}`, "version", "--format", "{{.Server.Version}}"]).then(({ stdout }) => stdout);
    const [first = 0] = await supervisor.until("started", 1);
    expect(await version()).toBe("28.5.2\n");
    const calls = Array.from({ length: 5 }, version);
    process.kill(first, "SIGKILL");
    expect(new Set(await Promise.all([...calls, version()]))).toEqual(new Set(["28.5.2\n"]));
    const [, second = 0] = await supervisor.until("started", 2);
    expect(second).not.toBe(first);
    expect(await supervisor.until("READY=1", 2)).toHaveLength(2);
    process.kill(second, "SIGHUP");
    expect(await supervisor.until("RELOADING=1", 1)).toHaveLength(1);
    expect(await supervisor.until("READY=1", 3)).toHaveLength(3);
    process.kill(second, "SIGTERM");
    expect(await supervisor.until("STOPPING=1", 1)).toHaveLength(1);
    // A daemon that ends in peace leaves the socket where it is, too.
    expect(await version()).toBe("28.5.2\n");
    expect(await supervisor.until("started", 3)).toHaveLength(3);
  });

  test("is not made up: fd:// without a manager stops the start", async () => {
    const place = makePlace();
    try {
      const { code, stderr } = await run([builtProgram("gantryd"), ...flagsOf(place)]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("host fd://: no such socket was handed over")]);
    } finally {
      await sweep(place);
    }
  });
});

/** A TCP listener beside the daemon is seen by the same look. */
async function plantListener(daemon: TestDaemon): Promise<void> {
  const listen = [toolPath("systemd-socket-activate"), "--listen", "127.0.0.1:7", "true"];
  const planted = Bun.spawn([...(daemon.enclosure?.prefix ?? []), ...listen], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  try {
    await waitFor(async () => (await daemon.run(["ss", "-Hltn"])).stdout.includes("127.0.0.1:7 "), { what: "planted listener" });
  } finally {
    planted.kill("SIGKILL");
    await planted.exited;
  }
}

function flagsOf(place: TestPlace): readonly string[] {
  const configFile = join(place.home, "daemon.json");
  writeFileSync(configFile, "{}");
  const roots = ["--data-root", place.dataRoot, "--exec-root", place.execRoot, "--pidfile", place.pidFile, "-H", "fd://"];
  return [...roots, "--bridge", place.bridge, "--bip", place.bip, "--config-file", configFile, "--log-format", "json"];
}

interface Supervisor extends AsyncDisposable {
  /** The numbers behind the lines with this word, once there are as many. */
  until(word: string, count: number): Promise<readonly number[]>;
}

// systemd's part in fifteen lines: opens the socket, starts the daemon with it, starts it again when it ends, hears what it says.
const script = `
  use Socket;
  my ($path, $notify, $starts, @command) = @ARGV;
  $| = 1; $^F = 9;
  socket(my $door, AF_UNIX, SOCK_STREAM, 0); bind($door, pack_sockaddr_un($path)); listen($door, 64);
  die "the socket is not descriptor 3" if fileno($door) != 3;
  $^F = 2;
  socket(my $ear, AF_UNIX, SOCK_DGRAM, 0); bind($ear, pack_sockaddr_un($notify));
  if (!fork) { while (defined recv($ear, my $said, 4096, 0)) { print "$said $$\\n"; } exit }
  for (1..$starts) {
    my $pid = fork;
    if (!$pid) { @ENV{qw(LISTEN_PID LISTEN_FDS NOTIFY_SOCKET)} = ($$, 1, $notify); exec @command }
    print "started $pid\\n";
    waitpid $pid, 0;
  }`;

async function startSupervisor(place: TestPlace, starts: number): Promise<Supervisor> {
  mkdirSync(place.execRoot, { recursive: true });
  const output = Bun.file(join(place.home, "supervisor.log"));
  await Bun.write(output, "");
  const command = [builtProgram("gantryd"), ...flagsOf(place)];
  const child = Bun.spawn(["perl", "-e", script, place.socket, join(place.execRoot, "notify"), String(starts), ...command], {
    cwd: "/",
    env: { ...process.env, GANTRY_TEST: place.token },
    stdin: "ignore",
    stdout: output,
    stderr: "ignore",
  });
  const numbers = async (word: string): Promise<readonly number[]> => {
    const lines = (await output.text()).split("\n");
    return lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.slice(word.length)));
  };
  return {
    async until(word, count) {
      await waitFor(async () => (await numbers(word)).length >= count, { what: `${word} of the daemon` });
      return numbers(word);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await child.exited;
      await sweep(place);
    },
  };
}
