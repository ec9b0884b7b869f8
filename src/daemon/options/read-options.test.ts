import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { messageOf } from "#base";
import { readOptions } from "./read-options.ts";

const folder = mkdtempSync(`${tmpdir()}/gantry-options-`);
afterAll(() => rmSync(folder, { recursive: true }));

function config(content: string): string {
  const path = `${folder}/${Bun.hash(content)}.json`;
  writeFileSync(path, content);
  return path;
}

/** The refusal, without the words that every refusal of a file begins with. */
function refusal(content: string, args: readonly string[]): string {
  const path = config(content);
  try {
    readOptions(["--config-file", path, ...args]);
  } catch (error) {
    const lead = `unable to configure the daemon with file ${path}: `;
    const message = messageOf(error);
    return message.startsWith(lead) ? message.slice(lead.length) : `FLAGS ${message}`;
  }
  return "accepted";
}

describe("readOptions()", () => {
  test("fills in what nobody said", () => {
    const options = readOptions(["--config-file", config("{}")]);
    expect(options).toMatchObject({
      dataRoot: "/var/lib/gantry",
      execRoot: "/run/gantry",
      pidFile: "/run/gantry/gantryd.pid",
      hosts: ["unix:///run/gantry/gantry.sock"],
      tls: { verify: false },
      group: "docker",
      logLevel: "info",
      network: { bridge: "gantry0", mtu: 1500, icc: true },
      containers: { shmSize: 67_108_864, log: { driver: "json-file", options: {} } },
      images: { insecureRegistries: [], maxDownloads: 3 },
    });
    expect(options.tls).not.toHaveProperty("tls");
  });

  test("keeps pid file and socket in another exec root", () => {
    const options = readOptions(["--config-file", config("{}"), "--exec-root", "/run/x", "--debug"]);
    expect([options.pidFile, options.hosts, options.logLevel]).toEqual(["/run/x/gantryd.pid", ["unix:///run/x/gantry.sock"], "debug"]);
  });

  test("takes the file's settings and the flags' together", () => {
    const path = config('{"bridge":"br7","insecure-registries":["r:5000"],"debug":null,"tls":false}');
    const { network, images, tls } = readOptions(["--config-file", path, "--bip", "10.9.0.1/24", "-H", "tcp://127.0.0.1", "-H", "fd://"]);
    expect([network.bridge, images.insecureRegistries, network.bip, tls.tls]).toEqual(["br7", ["r:5000"], "10.9.0.1/24", false]);
  });

  test("reads every kind of host", () => {
    const texts = ["unix:///a/b", "unix://", "tcp://", "tcp://1.2.3.4:5", "1.2.3.4:6", "fd://gantry.socket"];
    const args = texts.flatMap((text) => ["-H", text]);
    expect(readOptions(["--config-file", config("{}"), ...args]).hosts).toEqual([
      "unix:///a/b",
      "unix:///run/gantry/gantry.sock",
      "tcp://",
      "tcp://1.2.3.4:5",
      "tcp://1.2.3.4:6",
      "fd://gantry.socket",
    ]);
  });

  test.each([
    ['{"foo":1,"bar":{"x":1}}', [], "the following directives don't match any configuration option: foo, x"],
    ['{"Debug":true}', [], "the following directives don't match any configuration option: Debug"],
    [
      '{"hosts":["unix:///x"],"bridge":"a"}',
      ["--bridge", "b", "-H", "unix:///y"],
      "the following directives are specified both as a flag and in the configuration file: bridge: (from flag: b, from file: a), hosts: (from flag: [unix:///y], from file: [unix:///x])",
    ],
    [
      '{"dns":["1.1.1.1"]}',
      ["--dns", "1.1.1.1"],
      "the following directives are specified both as a flag and in the configuration file: dns: (from flag: [1.1.1.1], from file: [1.1.1.1])",
    ],
    ['{"debug":"yes"}', [], "invalid JSON: json: cannot unmarshal string into Go struct field Config.debug of type bool"],
    ['{"hosts":[7]}', [], "invalid JSON: json: cannot unmarshal number into Config.hosts.0 of type string"],
    ['{"hosts":"x"}', [], "invalid JSON: json: cannot unmarshal string into Go struct field Config.hosts of type []string"],
    ['{"mtu":1.5}', [], "invalid JSON: json: cannot unmarshal number 1.5 into Go struct field Config.mtu of type int"],
    [
      '{"log-opts":{"max-size":7}}',
      [],
      "invalid JSON: json: cannot unmarshal number into Go struct field Config.log-opts.max-size of type string",
    ],
    ['{"dns":["1.2.3"]}', [], "invalid JSON: invalid IP address: 1.2.3"],
    ['{"default-shm-size":"x"}', [], "invalid JSON: invalid size: 'x'"],
    ['{"default-address-pools":[{"base":"foo","size":2}]}', [], `invalid JSON: netip.ParsePrefix("foo"): no '/'`],
    ["{", [], "invalid JSON: unexpected end of JSON input"],
    ["[]", [], "invalid JSON: json: cannot unmarshal array into Go value of type map[string]interface {}"],
  ])("refuses %s with %j as Docker does", (content, args, message) => {
    expect(refusal(content, args)).toBe(message);
  });

  test.each([
    ['{"mtu":-1}', "invalid default MTU: -1"],
    ['{"labels":["foo"]}', "bad attribute format: foo"],
    [
      '{"labels":["com.docker.x=1"]}',
      "label com.docker.x=1 is not allowed: the namespaces com.docker.*, io.docker.*, and org.dockerproject.* are reserved for internal use",
    ],
    ['{"dns-search":["a b"]}', "a b is not a valid domain"],
    ['{"log-level":"foo"}', "invalid logging level: foo"],
    ['{"log-format":"foo"}', "invalid log format: foo"],
    ['{"max-concurrent-downloads":-1}', "invalid max concurrent downloads: -1"],
    ['{"exec-opts":["foo"]}', "invalid exec-opt (foo): must be formatted 'opt=value'"],
    ['{"exec-opts":["foo=bar"]}', "invalid exec-opt (foo=bar): unknown option: 'foo'"],
    ['{"default-ipc-mode":"host"}', `IPC mode "host" is not supported as default value; use "shareable" or "private"`],
    ['{"default-ipc-mode":"foo"}', `default IPC mode setting (foo) is invalid; use "shareable" or "private"`],
    ['{"default-cgroupns-mode":"foo"}', `invalid default cgroup namespace (foo): use "host" or "private"`],
    ['{"hosts":["foo://x"]}', "invalid bind address (foo://x): unsupported proto 'foo'"],
    ['{"registry-mirrors":["foo"]}', `invalid mirror: no scheme specified for "foo": must use either 'https://' or 'http://'`],
    ['{"registry-mirrors":["http://u:p@foo"]}', `invalid mirror: username/password not allowed in URI "http://u:xxxxx@foo"`],
    ['{"userland-proxy-path":"x"}', "invalid userland-proxy-path: must be an absolute path: x"],
  ])("refuses the value in %s as Docker does", (content, message) => {
    expect(refusal(content, [])).toBe(`merged configuration validation from file and command line flags failed: ${message}`);
  });

  test.each([
    [["--bogus"], "unknown flag: --bogus"],
    [["-Z"], "unknown shorthand flag: 'Z' in -Z"],
    [["--bip"], "flag needs an argument: --bip"],
    [["--mtu", "x"], 'invalid argument "x" for "--mtu" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    [["--debug=maybe"], 'invalid argument "maybe" for "-D, --debug" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
    [["--ip", "foo"], 'invalid argument "foo" for "--ip" flag: failed to parse IP: "foo"'],
    [["--default-ulimit", "foo"], 'invalid argument "foo" for "--default-ulimit" flag: invalid ulimit argument: foo'],
    [["--dns", "1.2.3"], 'invalid argument "1.2.3" for "--dns" flag: invalid string being converted to IP address: 1.2.3'],
    [["--add-runtime", "foo"], 'invalid argument "foo" for "--add-runtime" flag: invalid runtime argument: foo'],
    [["--host", "foo://x"], `invalid argument "foo://x" for "-H, --host" flag: invalid bind address (foo://x): unsupported proto 'foo'`],
    [
      ["--default-address-pool", "foo"],
      `invalid argument "foo" for "--default-address-pool" flag: invalid field 'foo' must be a key=value pair`,
    ],
    [["foo"], '"gantryd" accepts no arguments.'],
  ])("refuses %j in pflag's words", (args, message) => {
    expect(refusal("{}", args)).toBe(`FLAGS ${message}`);
  });

  test.each([
    ['{"bridge":"a/b"}', "not a name for an interface"],
    ['{"storage-driver":"zfs"}', '"storage-driver" (--storage-driver): zfs is not supported by gantry yet'],
    [
      '{"builder":{"gc":{"enabled":true,"policy":[{"all":1}]}}}',
      '"builder": {"gc":{"enabled":true,"policy":[{"all":1}]}} is not supported',
    ],
  ])("names what stops the start in %s", (content, message) => {
    expect(refusal(content, [])).toContain(message);
  });

  test("names a file that was asked for and is not there", () => {
    const path = `${folder}/missing.json`;
    expect(() => readOptions(["--config-file", path])).toThrow(
      `unable to configure the daemon with file ${path}: open ${path}: no such file or directory`,
    );
  });
});
