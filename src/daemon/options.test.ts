import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { readOptions } from "./options.ts";

const folder = mkdtempSync(`${tmpdir()}/gantry-options-`);
afterAll(() => rmSync(folder, { recursive: true }));

function config(content: string): string {
  const path = `${folder}/${Bun.hash(content)}.json`;
  writeFileSync(path, content);
  return path;
}

describe("readOptions()", () => {
  test("fills in what nobody said", () => {
    expect(readOptions(["--config-file", config("{}")])).toEqual({
      dataRoot: "/var/lib/gantry",
      execRoot: "/run/gantry",
      pidFile: "/run/gantry/gantryd.pid",
      hosts: ["unix:///run/gantry/gantry.sock"],
      group: "docker",
      bridge: "gantry0",
      logLevel: "info",
      insecureRegistries: [],
      tls: { verify: false },
    });
  });

  test("keeps pid file and socket in another exec root", () => {
    const options = readOptions(["--config-file", config("{}"), "--exec-root", "/run/x", "--debug", "-H", "unix:///a/b"]);
    expect([options.pidFile, options.hosts, options.logLevel]).toEqual(["/run/x/gantryd.pid", ["unix:///a/b"], "debug"]);
  });

  test("takes the file's settings and the flags' together", () => {
    const options = readOptions(["--config-file", config('{"bridge":"br7","insecure-registries":["r:5000"]}'), "--bip", "10.9.0.1/24"]);
    expect([options.bridge, options.insecureRegistries, options.bip]).toEqual(["br7", ["r:5000"], "10.9.0.1/24"]);
  });

  test.each([
    ['{"bridge":"a"}', ["--bridge", "b"], "set both as a flag and in the file: bridge"],
    ['{"live-restore":true}', [], '"live-restore" is not supported by gantry yet'],
    ['{"debug":"yes"}', [], '"debug" must be true or false'],
    ['{"hosts":[7]}', [], '"hosts" must be a list of texts'],
    ["{", [], "unable to configure the daemon with file"],
    ["[]", [], "must hold one JSON object"],
    ["{}", ["--host", "npipe:////./pipe/docker"], "must be unix:///PATH"],
    ["{}", ["--bridge", "a/b"], "not a name for an interface"],
    ["{}", ["--bogus"], "--bogus"],
    ["{}", ["--default-runtime", "/opt/evil"], "crun and runc are"],
  ])("refuses %s with %j", (content, args, message) => {
    expect(() => readOptions(["--config-file", config(content), ...args])).toThrow(message);
  });

  test("names a file that was asked for and is not there", () => {
    expect(() => readOptions(["--config-file", `${folder}/missing.json`])).toThrow("missing.json");
  });
});
