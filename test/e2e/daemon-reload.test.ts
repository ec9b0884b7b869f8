// SIGHUP, `--validate` and the settings that stop a start, on the compiled daemon.
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { run, type Output } from "../support/command.ts";
import { call } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { builtProgram } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

setDefaultTimeout(30_000);

interface Info {
  readonly Debug: boolean;
  readonly Labels: readonly string[];
  readonly Runtimes: Readonly<Record<string, unknown>>;
  readonly DefaultRuntime: string;
  readonly RegistryConfig: { readonly Mirrors: readonly string[] | null; readonly IndexConfigs: Readonly<Record<string, unknown>> };
}

async function info(daemon: TestDaemon): Promise<Info> {
  return (await (await call(daemon, "/info")).json()) as Info;
}

async function events(daemon: TestDaemon): Promise<readonly Readonly<Record<string, string>>[]> {
  const text = await (await call(daemon, `/events?since=1&until=${Date.now() / 1000}&filters={"type":["daemon"]}`)).text();
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => (JSON.parse(line) as { Actor: { Attributes: Readonly<Record<string, string>> } }).Actor.Attributes);
}

/** Sends SIGHUP and waits for what the daemon says to it, `count` times so far. */
async function hangUp(daemon: TestDaemon, words: string, count: number): Promise<void> {
  process.kill(daemon.pid, "SIGHUP");
  await waitFor(() => daemon.log.split(words).length - 1 >= count, { what: `${words} in the log` });
}

describe("SIGHUP", () => {
  test("applies what Docker applies and says so in an event; a wrong file changes nothing", async () => {
    await using daemon = await startDaemon({ enclosed: true, config: { labels: ["a=b"], debug: false, mtu: 1400 } });
    const wrapper = `${daemon.place.home}/wrapper`;
    writeFileSync(wrapper, '#!/bin/sh\nexec runc "$@"\n', { mode: 0o755 });
    expect(await info(daemon)).toMatchObject({ Debug: false, Labels: ["a=b"] });
    const changed = {
      labels: ["a=c", "d=e"],
      debug: true,
      mtu: 1300,
      "max-concurrent-downloads": 7,
      "insecure-registries": ["x.example:5000"],
      "registry-mirrors": ["https://m.example"],
      runtimes: { wrapped: { path: wrapper } },
      "default-runtime": "wrapped",
      "shutdown-timeout": 9,
      features: { q: true },
      "live-restore": true,
    };
    await daemon.configure(JSON.stringify(changed));
    await hangUp(daemon, "the configuration was reloaded", 1);
    const after = await info(daemon);
    expect(after).toMatchObject({ Debug: true, Labels: ["a=c", "d=e"], DefaultRuntime: "wrapped" });
    expect(after.RegistryConfig.Mirrors).toEqual(["https://m.example/"]);
    expect(after.RegistryConfig.IndexConfigs).toHaveProperty(["x.example:5000"]);
    expect(after.Runtimes).toHaveProperty("wrapped");
    const told = {
      debug: "true",
      "default-ipc-mode": "private",
      "default-runtime": "wrapped",
      "default-shm-size": "67108864",
      features: "map[q:true]",
      "insecure-registries": '["x.example:5000"]',
      labels: '["a=c","d=e"]',
      "live-restore": "true",
      "max-concurrent-downloads": "7",
      "max-concurrent-uploads": "5",
      "max-download-attempts": "5",
      "registry-mirrors": '["https://m.example"]',
      runtimes: `wrapped:${wrapper}`,
      "shutdown-timeout": "9",
    };
    expect(await events(daemon)).toMatchObject([told]);

    for (const wrong of [
      '{"debug":',
      '{"foo":1}',
      '{"mtu":-1}',
      '{"default-runtime":"none-such"}',
      '{"runtimes":{"x":{"path":"/none/such"}}}',
    ]) {
      await daemon.configure(wrong);
      const before = daemon.log.split("the configuration was not reloaded").length;
      await hangUp(daemon, "the configuration was not reloaded", before);
    }
    expect(await info(daemon)).toMatchObject({ Debug: true, Labels: ["a=c", "d=e"], DefaultRuntime: "wrapped" });

    // As Docker: what the file says no more holds until the next start, but for numbers, which have their defaults again.
    await daemon.configure("{}");
    await hangUp(daemon, "the configuration was reloaded", 2);
    expect(await info(daemon)).toMatchObject({ Debug: true, Labels: ["a=c", "d=e"], DefaultRuntime: "wrapped" });
    expect((await events(daemon))[1]).toMatchObject({ "max-concurrent-downloads": "3", debug: "true" });
    expect((await daemon.run(["ip", "link", "show", daemon.place.bridge])).stdout).toContain(" mtu 1400 ");
  });
});

describe("gantryd", () => {
  const folder = mkdtempSync(`${tmpdir()}/gantry-validate-`);
  afterAll(() => rmSync(folder, { recursive: true }));
  const gantryd = (content: string, ...args: readonly string[]): Promise<Output> => {
    const path = `${folder}/${Bun.hash(content)}.json`;
    writeFileSync(path, content);
    return run([builtProgram("gantryd"), "--config-file", path, ...args]);
  };

  test("--validate says OK, or what is wrong, and starts nothing", async () => {
    expect(await gantryd('{"mtu":1400}', "--validate")).toMatchObject({ code: 0, stderr: "configuration OK\n", stdout: "" });
    const wrong = await gantryd('{"foo":1}', "--validate");
    expect([wrong.code, wrong.stderr.replace(/file \S+:/, "file F:")]).toEqual([
      1,
      "unable to configure the daemon with file F: the following directives don't match any configuration option: foo\n",
    ]);
    // What would stop the start is found, and what only systemd can hand over is not asked for.
    expect(await gantryd('{"hosts":["fd://","tcp://127.0.0.1:0"]}', "--validate")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("host tcp://127.0.0.1:0: refused without client certificates"),
    });
    expect(await gantryd('{"hosts":["fd://","tcp://127.0.0.1:0"],"tls":false}', "--validate")).toMatchObject({ code: 0 });
  });

  test("does not start with a setting whose function is not there, and names it", async () => {
    for (const [key, value] of [
      ["authorization-plugins", ["x"]],
      ["storage-opts", ["x"]],
      ["rootless", true],
      ["ipv6", true],
      ["log-driver", "journald"],
      ["exec-opts", ["native.cgroupdriver=systemd"]],
      ["swarm-default-advertise-addr", "x"],
    ] as const) {
      const { code, stderr } = await gantryd(JSON.stringify({ [key]: value }));
      expect([key, code, stderr.includes(`"${key}" (--`) && stderr.includes("is not supported by gantry yet")]).toEqual([key, 1, true]);
    }
  });

  test("--help, --version and a wrong flag answer as dockerd does", async () => {
    const help = await gantryd("{}", "--help");
    expect([help.code, help.stdout]).toEqual([
      0,
      expect.stringContaining("Usage:  gantryd [OPTIONS]\n\nA self-sufficient runtime for containers.\n\nOptions:\n"),
    ]);
    expect(help.stdout).toMatch(/^ {2}-H, --host list {2,}Daemon socket\(s\) to connect to$/m);
    expect((await gantryd("{}", "--version")).stdout).toMatch(/^Gantry version \S+, build \S+\n$/);
    const wrong = await gantryd("{}", "--bogus");
    expect([wrong.code, wrong.stderr]).toEqual([125, "unknown flag: --bogus\nSee 'gantryd --help'.\n"]);
  });
});
