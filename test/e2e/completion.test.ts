// Completion as shells ask for it, against a daemon, and bash itself with our script.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { openPty } from "../support/pty.ts";
import { builtProgram } from "../support/tools.ts";

let daemon: TestDaemon;
let folder = "";

setDefaultTimeout(20_000);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gantry-completion-"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "files"));
  writeFileSync(join(folder, "files/archive.tar"), "");
  symlinkSync(builtProgram("gantry"), join(folder, "bin/gantry"));
  daemon = await startDaemon();
  await loadImage(daemon.place.socket, "busybox");
  await daemon.gantry(["run", "-d", "--name", "runs", "busybox", "sleep", "600"]);
  await daemon.gantry(["create", "--name", "rests", "busybox", "true"]);
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
}, 60_000);

describe("gantry __complete", () => {
  test.each([
    [["stop", ""], "runs\n:4\n"],
    [["start", ""], "rests\n:4\n"],
    [["logs", "r"], "rests\nruns\n:4\n"],
    [["container", "rm", ""], "rests\n:4\n"],
    [["restart", "runs", ""], "rests\n:4\n"],
    [["run", "-it", "busy"], "busybox:latest\n:4\n"],
    [["rmi", ""], "busybox:latest\n:4\n"],
    [["ps", "--filter", "name=ru"], "name=runs\n:4\n"],
    [["context", "use", ""], "default\tcurrent\n:4\n"],
  ])("%j", async (words, stdout) => {
    expect(await daemon.gantry(["__complete", ...words])).toEqual({
      code: 0,
      stdout,
      stderr: "Completion ended with directive: ShellCompDirectiveNoFileComp\n",
    });
  });

  test("asks the daemon that the line names, and gives up quietly where there is none", async () => {
    const { stdout, stderr } = await daemon.gantry(["__complete", "-H", "unix:///absent.sock", "stop", ""]);
    expect({ stdout, stderr }).toEqual({ stdout: ":1\n", stderr: "Completion ended with directive: ShellCompDirectiveError\n" });
  });

  test("leaves descriptions out when it is asked to", async () => {
    expect((await daemon.gantry(["__completeNoDesc", "context", "sh"])).stdout).toBe("show\n:4\n");
  });
});

describe("bash", () => {
  /** What bash would offer for a line whose end is the cursor. */
  async function offered(line: string, breaks = " \t\n\"'><=;|&(:"): Promise<readonly string[]> {
    const script = `source <(gantry completion bash); COMP_WORDBREAKS=$2; COMP_LINE=$1; COMP_POINT=\${#1}; __gantry_complete gantry; ((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { PATH: `${join(folder, "bin")}:${process.env["PATH"]}` };
    const { code, stdout, stderr } = await daemon.run(["bash", "--norc", "-c", script, "bash", line, breaks], {
      env,
      cwd: join(folder, "files"),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout.split("\n").slice(0, -1);
  }

  test.each([
    ["gantry context sh", ["show"]],
    ["gantry stop ", ["runs"]],
    ["gantry  -D   logs  re", ["rests"]],
    ["gantry run busybox:la", ["latest"]],
    ["gantry run --pull=ne", ["never"]],
    ["gantry run --pull ne", ["never"]],
    ["gantry ps --filter=status=pau", ["paused"]],
    ["gantry ps --lat", ["--latest"]],
    ["gantry load -i ar", ["archive.tar"]],
    ["gantry load --input=ar", ["archive.tar"]],
    ["gantry version x", []],
  ])("completes %p", async (line, expected) => {
    expect(await offered(line)).toEqual([...expected]);
  });

  test("runs nothing of what the line would run", async () => {
    const mark = join(folder, "ran");
    expect(await offered(`gantry stop $(touch ${mark}) \`touch ${mark}\` ru`)).toEqual(["runs"]);
    expect(existsSync(mark)).toBe(false);
  });

  test("gets whole words where = and : do not part them", async () => {
    expect(await offered("gantry run --pull=ne", " ")).toEqual(["--pull=never"]);
    expect(await offered("gantry run busybox:la", " ")).toEqual(["busybox:latest"]);
  });

  test("completes what is typed", async () => {
    const env = { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, DOCKER_HOST: daemon.host, PS1: "$ ", HISTFILE: "" };
    await using shell = openPty(["bash", "--norc", "--noprofile", "-i"], env);
    shell.type("source <(gantry completion bash); echo load''ed\n");
    await shell.shows(/loaded/);
    shell.type("gantry stop \t");
    await shell.shows(/gantry stop runs /);
    shell.type("\u0015gantry context sh\t");
    await shell.shows(/gantry context show /);
  });
});

test.each(["zsh", "fish"])("gantry completion %s is a script for it", async (shell) => {
  const { code, stdout } = await run([builtProgram("gantry"), "completion", shell]);
  expect(code).toBe(0);
  expect(stdout).toStartWith(shell === "zsh" ? "#compdef gantry\n" : "# fish completion for gantry\n");
  const program = Bun.which(shell);
  if (program !== null) expect(await run([program, "-n"], { stdin: stdout })).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("gantry completion names the shells that it knows", async () => {
  const { code, stderr } = await run([builtProgram("gantry"), "completion", "powershell"]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: "gantry: no completion for the shell 'powershell': there are bash, fish and zsh\n" });
});
