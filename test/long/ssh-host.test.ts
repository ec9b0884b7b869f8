// ssh:// hosts through a real sshd: the one that SSHD names, alone on a port of the loopback and with keys of its own.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, succeed, type CommandOptions, type Output } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { builtProgram, stockClient } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

const sshd = process.env["SSHD"] ?? "";

setDefaultTimeout(30_000);

/** sshd knows its ports only by number. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe.skipIf(sshd === "")("an ssh:// host [skip: SSHD names an sshd]", () => {
  let daemon: TestDaemon;
  let folder = "";
  let host = "";
  let server: Bun.Subprocess;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "gantry-sshd-"));
    const port = await freePort();
    for (const name of ["hostkey", "id"]) await succeed(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
    mkdirSync(join(folder, "bin"));
    symlinkSync(builtProgram("docker"), join(folder, "bin/docker"));
    const options = ["-F none", `-i ${folder}/id`, "-o StrictHostKeyChecking=no", "-o UserKnownHostsFile=/dev/null", "-o LogLevel=ERROR"];
    writeFileSync(join(folder, "bin/ssh"), `#!/bin/sh\nexec ${Bun.which("ssh")} ${options.join(" ")} "$@"\n`, { mode: 0o755 });
    const settings = [`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${folder}/hostkey`, `AuthorizedKeysFile ${folder}/id.pub`];
    settings.push("StrictModes no", "UsePAM no", "PidFile none", "PermitRootLogin yes", `SetEnv PATH=${folder}/bin:/usr/bin:/bin`);
    writeFileSync(join(folder, "sshd_config"), `${settings.join("\n")}\n`);
    // It wants a user of its own, and is given one that only it sees.
    writeFileSync(join(folder, "passwd"), `${readFileSync("/etc/passwd", "utf8")}sshd:x:64999:65534::/run/sshd:/usr/sbin/nologin\n`);
    mkdirSync("/run/sshd", { recursive: true });
    const start = `mount --bind ${folder}/passwd /etc/passwd; exec ${sshd} -D -e -f ${folder}/sshd_config`;
    server = Bun.spawn(["unshare", "--mount", "--propagation", "private", "sh", "-c", start], { stderr: Bun.file(join(folder, "log")) });
    await waitFor(() => readFileSync(join(folder, "log"), "utf8").includes("Server listening"), { what: "sshd" });
    daemon = await startDaemon();
    await loadImage(daemon.place.socket, "busybox");
    host = `ssh://root@127.0.0.1:${port}${daemon.place.socket}`;
  }, 60_000);

  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    server.kill();
    await server.exited;
    rmSync(folder, { recursive: true });
  }, 60_000);

  const through = (program: string, args: readonly string[], options: CommandOptions = {}): Promise<Output> =>
    run([program, "-H", host, ...args], { ...options, env: { PATH: `${folder}/bin:${process.env["PATH"]}`, DOCKER_CONFIG: folder } });

  test.each([
    ["our client", () => builtProgram("docker")],
    ["Docker's client", stockClient],
  ])("carries input, output and exit code for %s", async (_, program) => {
    const stdin = "0123456789\n".repeat(300_000);
    const { code, stdout, stderr } = await through(
      program(),
      ["run", "-i", "--rm", "busybox", "sh", "-c", "wc -c; echo error >&2; exit 7"],
      { stdin },
    );
    expect({ code, stdout, error: stderr.split("\n").includes("error") }).toEqual({ code: 7, stdout: `${stdin.length}\n`, error: true });
    expect((await through(program(), ["ps", "-q"])).code).toBe(0);
  });
});
