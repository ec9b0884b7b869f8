// login and logout, from Docker's client and ours, at a registry with passwords.
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Output, run } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { openPty } from "../support/pty.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { builtProgram } from "../support/tools.ts";

/** Settings of a user's own, and a client that goes by them. */
class User implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "gantry-user-"));
  readonly #env: Readonly<Record<string, string>>;

  constructor(daemon: TestDaemon, config?: object) {
    this.#env = {
      DOCKER_HOST: daemon.host,
      DOCKER_CONFIG: this.folder,
      DOCKER_AUTH_CONFIG: "",
      PATH: `${this.folder}/bin:${process.env["PATH"] ?? ""}`,
    };
    mkdirSync(join(this.folder, "bin"));
    if (config !== undefined) writeFileSync(this.path, JSON.stringify(config), { mode: 0o644 });
  }

  get path(): string {
    return join(this.folder, "config.json");
  }

  get config(): unknown {
    return JSON.parse(readFileSync(this.path, "utf8"));
  }

  say(args: readonly string[], stdin?: string): Promise<Output> {
    return run([builtProgram("docker"), ...args], { env: this.#env, cwd: this.folder, ...(stdin !== undefined && { stdin }) });
  }

  terminal(args: readonly string[]): ReturnType<typeof openPty> {
    return openPty([builtProgram("docker"), ...args], this.#env);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

const warning = (path: string): string =>
  `\nWARNING! Your credentials are stored unencrypted in '${path}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n`;
const again =
  "Authenticating with existing credentials... [Username: bob]\n\n Info -> To login with a different account, run 'docker logout' followed by 'docker login'\n\n\n";
const succeeded: Output = { code: 0, stdout: "Login Succeeded\n", stderr: "" };

function bobAt(registry: TestRegistry, password = "secret"): object {
  return { auths: { [registry.host]: { auth: btoa(`bob:${password}`) } } };
}

describe("login and logout", () => {
  test("Docker's client logs in with the right password and not with another", async () => {
    await using daemon = await startDaemon();
    await using registry = await startRegistry({ users: { bob: "secret" } });
    const login = (password: string) => daemon.docker(["login", "-u", "bob", "--password-stdin", registry.host], { stdin: password });
    const good = await login("secret");
    expect([good.code, good.stdout]).toEqual([0, "Login Succeeded\n"]);
    const pulled = await daemon.docker(["pull", `${registry.host}/none:v1`]);
    expect(pulled.stderr).toContain("none:v1: not found");
    const bad = await login("wrong");
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain(`login attempt to http://${registry.host}/v2/ failed with status: 401 Unauthorized`);
    expect(daemon.log).not.toContain("secret");
  });

  test("our client keeps what is good in a file of its owner's, shows it when it pulls, and forgets it", async () => {
    await using daemon = await startDaemon();
    await using registry = await startRegistry({ users: { bob: "secret" } });
    using user = new User(daemon, { psFormat: "x" });
    const stdin = ["login", "-u", "bob", "--password-stdin", `http://${registry.host}/v1/`];
    const wrong = `Error response from daemon: login attempt to http://${registry.host}/v2/ failed with status: 401 Unauthorized\n`;
    expect(await user.say(stdin, "wrong\n")).toEqual({ code: 1, stdout: "", stderr: wrong });
    expect(user.config).toEqual({ psFormat: "x" });
    expect(await user.say(stdin, "secret\n")).toEqual({ ...succeeded, stderr: warning(user.path) });
    expect([user.config, statSync(user.path).mode & 0o777]).toEqual([{ psFormat: "x", ...bobAt(registry) }, 0o600]);
    expect(await user.say(["login", registry.host])).toEqual({ ...succeeded, stderr: again });
    const pulled = await user.say(["pull", "-q", `${registry.host}/none`]);
    expect(pulled.stderr).toContain("none:latest: not found");
    expect(await user.say(["logout", registry.host])).toMatchObject({
      code: 0,
      stdout: `Removing login credentials for ${registry.host}\n`,
      stderr: "",
    });
    expect(user.config).toEqual({ psFormat: "x", auths: {} });
    expect((await user.say(["run", `${registry.host}/none`])).stderr).toContain("no basic auth credentials");
  });

  test("a program keeps them where config.json names one, and what is broken costs a warning and no password", async () => {
    await using daemon = await startDaemon();
    await using registry = await startRegistry({ users: { bob: "secret" } });
    using user = new User(daemon, { credHelpers: { [registry.host]: "kept" }, credsStore: "broken" });
    const plant = (name: string, script: string): void => {
      const path = join(user.folder, name);
      writeFileSync(path, `#!/bin/sh\n${script}\n`);
      chmodSync(path, 0o755);
    };
    const kept = join(user.folder, "kept");
    plant(
      "bin/docker-credential-kept",
      `case $1 in store) cat >${kept};; get) cat ${kept} 2>/dev/null || { echo credentials not found in native keychain; exit 1; };; erase) rm ${kept};; esac`,
    );
    plant("bin/docker-credential-broken", "echo boom; exit 3");
    expect(await user.say(["login", "-u", "bob", "--password-stdin", registry.host], "secret")).toEqual(succeeded);
    expect(JSON.parse(readFileSync(kept, "utf8"))).toEqual({ ServerURL: registry.host, Username: "bob", Secret: "secret" });
    expect(user.config).toMatchObject({ auths: { [registry.host]: {} } });
    expect((await user.say(["pull", `${registry.host}/none`])).stderr).toContain("none:latest: not found");
    await user.say(["logout", registry.host]);
    expect((await user.say(["pull", `${registry.host}/none`])).stderr).toContain("no basic auth credentials");

    // D06: a program that fails is replaced by nothing. D12: one in the current folder is none.
    writeFileSync(user.path, JSON.stringify({ credsStore: "broken", ...bobAt(registry) }));
    const { code, stderr } = await user.say(["pull", `${registry.host}/none`]);
    expect(code).toBe(1);
    expect(stderr).toStartWith(
      `WARNING: asking ${registry.host} as nobody: error getting credentials - err: exit status 3, out: \`boom\`\n`,
    );
    expect(stderr).toContain("no basic auth credentials");
    plant("docker-credential-near", "touch ran");
    writeFileSync(user.path, JSON.stringify({ credsStore: "near" }));
    expect((await user.say(["login", "-u", "bob", "--password-stdin", registry.host], "secret")).stderr).toBe(
      'Error saving credentials: error storing credentials - err: exec: "docker-credential-near": executable file not found in $PATH, out: ``\n',
    );
    expect(await Bun.file(join(user.folder, "ran")).exists()).toBe(false);
  });

  test("asks on a terminal for what is missing, and does not show the password", async () => {
    await using daemon = await startDaemon();
    await using registry = await startRegistry({ users: { bob: "secret" } });
    using user = new User(daemon, bobAt(registry, "old"));
    await using terminal = user.terminal(["login", registry.host]);
    await terminal.shows(/Username \(bob\): $/);
    terminal.type("\r");
    await terminal.shows(/Password: $/);
    terminal.type("secrex\u007ft\r");
    expect(await terminal.exited).toBe(0);
    expect(terminal.text()).toEndWith("Login Succeeded\r\n");
    expect(terminal.text()).not.toContain("secre");
    expect(user.config).toEqual(bobAt(registry));
    await using other = user.terminal(["login", "-u", "bob", registry.host]);
    await other.shows(/Password: $/);
    other.type("\u0003");
    expect(await other.exited).toBe(130);
  });

  test.each([
    [["-u", "bob", "-p", "x", "--password-stdin"], "conflicting options: cannot specify both --password and --password-stdin\n"],
    [["--password-stdin"], "the --password-stdin option requires --username to be set\n"],
    [["-u", "bob", "-p", ""], "password is empty\n"],
    [["-u", "", "-p", "x"], "username is empty\n"],
    [["-u", "bob"], "Error: Cannot perform an interactive login from a non TTY device\n"],
  ])("refuses %j in Docker's words", async (args, stderr) => {
    const folder = mkdtempSync(join(tmpdir(), "gantry-user-"));
    try {
      const result = await run([builtProgram("docker"), "--config", folder, "login", ...args, "127.0.0.1:1"]);
      expect(result).toEqual({ code: 1, stdout: "", stderr });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
