import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attachedStreams, containerConfig, type ContainerConfig } from "./container-config.ts";
import { containerFlags } from "./container-flags.ts";
import { resolveEnv } from "./environment.ts";
import { parseFlags } from "./parse-flags.ts";
import { startFailureCode } from "./run.ts";

function configOf(args: readonly string[], env: Record<string, string> = {}): ContainerConfig {
  const { values, positionals } = parseFlags({ flags: containerFlags, interspersed: false }, args);
  const [image = "", ...command] = positionals;
  return containerConfig(values, { image, command }, attachedStreams(values, false), {
    env,
    proxies: (given) => (given.includes("P=1") ? ["http_proxy=p"] : []),
  });
}

describe("containerConfig()", () => {
  test("sends what differs from Docker's defaults", () => {
    expect(configOf(["busybox"])).toEqual({
      Hostname: "",
      User: "",
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      Env: [],
      Cmd: null,
      Image: "busybox",
      WorkingDir: "",
      Labels: {},
      HostConfig: {
        AutoRemove: false,
        NetworkMode: "default",
        RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
        CapAdd: null,
        CapDrop: null,
        Privileged: false,
        ReadonlyRootfs: false,
        Binds: null,
        PortBindings: {},
      },
    });
  });

  test("adds what the settings say of proxies behind the variables of the flags", () => {
    expect(configOf(["-e", "P=1", "busybox"])["Env"]).toEqual(["P=1", "http_proxy=p"]);
  });

  test("translates limits, mounts and ports", () => {
    const { HostConfig, ExposedPorts, Volumes } = configOf([
      ..."-m 64m --cpus 1.5 --pids-limit -1 --ulimit nofile=1:2 --tmpfs /t:size=1m --tmpfs /u -v /a:/b:ro -v ./c:/d -v /anon".split(" "),
      ..."-p 8080:80 --cap-add net_admin --cap-add cap_chown --cap-drop all --network none --rm busybox".split(" "),
    ]);
    expect({ ExposedPorts, Volumes }).toEqual({ ExposedPorts: { "80/tcp": {} }, Volumes: { "/anon": {} } });
    expect(HostConfig).toMatchObject({
      AutoRemove: true,
      NetworkMode: "none",
      Memory: 67108864,
      NanoCpus: 1_500_000_000,
      PidsLimit: -1,
      Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }],
      Tmpfs: { "/t": "size=1m", "/u": "" },
      Binds: ["/a:/b:ro", `${process.cwd()}/c:/d`],
      CapAdd: ["CAP_NET_ADMIN", "CAP_CHOWN"],
      CapDrop: ["ALL"],
    });
  });

  test("closes stdin with its only client", () => {
    expect(configOf(["-i", "x"])).toMatchObject({ OpenStdin: true, StdinOnce: true, AttachStdin: true });
    expect(configOf(["-i", "-a", "stdout", "x"])).toMatchObject({
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      AttachStderr: false,
    });
  });

  test("gives everything after the image to the container", () => {
    expect(configOf(["--entrypoint", "", "x", "sh", "-c", "--rm"])).toMatchObject({ Entrypoint: [""], Cmd: ["sh", "-c", "--rm"] });
  });
});

describe("resolveEnv()", () => {
  test("takes files first, then values, and our own value for a name alone", () => {
    const folder = mkdtempSync(join(tmpdir(), "gantry-env-"));
    try {
      const file = join(folder, "env");
      writeFileSync(file, "\ufeff# comment\nA=1\r\n\n  B=x y\nHOME\nABSENT\n");
      expect(resolveEnv([file], ["C=3", "HOME", "ABSENT"], { HOME: "/root" })).toEqual(["A=1", "B=x y", "HOME=/root", "C=3", "HOME=/root"]);
      writeFileSync(file, "A B=1\n");
      expect(() => resolveEnv([file], [], {})).toThrow("contains whitespaces");
      expect(() => resolveEnv([join(folder, "nope")], [], {})).toThrow(`open ${join(folder, "nope")}: no such file or directory`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test.each([
  ['exec: "nocmd": executable file not found in $PATH', 127],
  ["exec: stat /nope: no such file or directory", 127],
  ['exec: "/etc": is a directory: permission denied', 126],
  ["driver failed programming external connectivity", 125],
])("startFailureCode() knows what %p means", (message, code) => {
  expect(startFailureCode(message)).toBe(code);
});
