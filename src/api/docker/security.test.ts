import { describe, expect, test } from "bun:test";
import { createRequest, decode, hostConfig, parseApiVersion, parseJson } from "#wire";
import { specOf } from "./create-spec.ts";
import { hostConfigView } from "./views/host-config.ts";

const context = { version: parseApiVersion("1.51"), runtimes: ["crun"], noHostConfig: hostConfig.zero };

function shown(HostConfig: object): Readonly<Record<string, unknown>> {
  const { spec } = specOf(decode(createRequest, parseJson(JSON.stringify({ Image: "x", HostConfig }))), context);
  return hostConfigView(spec, { cgroupVersion: "2", runtime: "crun" });
}

describe("securityOf()", () => {
  test("is told back by inspect as it was asked for", () => {
    const asked = {
      SecurityOpt: ["no-new-privileges", "seccomp=unconfined", "apparmor=foo"],
      MaskedPaths: ["/proc/keys"],
      ReadonlyPaths: [],
      GroupAdd: ["audio", "7"],
      Sysctls: { "net.ipv4.ip_forward": "1" },
      Annotations: { "a.b": "c" },
      UsernsMode: "host",
      Isolation: "DEFAULT",
    };
    expect(shown(asked)).toMatchObject(asked);
  });

  test("is not there where nobody asked, and paths are Docker's", () => {
    const plain = shown({});
    expect(plain).toMatchObject({ SecurityOpt: null, GroupAdd: null, UsernsMode: "", Isolation: "" });
    expect([Object.hasOwn(plain, "Sysctls"), Object.hasOwn(plain, "Annotations")]).toEqual([false, false]);
    expect([plain["MaskedPaths"], plain["ReadonlyPaths"]].map((paths) => (paths as string[]).length)).toEqual([12, 5]);
    expect(shown({ Privileged: true })).toMatchObject({ MaskedPaths: null, ReadonlyPaths: null, SecurityOpt: ["label=disable"] });
    expect(shown({ Privileged: true, MaskedPaths: ["/proc/keys"] })).toMatchObject({ MaskedPaths: ["/proc/keys"], ReadonlyPaths: null });
  });

  // Recorded from Docker 28.5.2, but for the user namespace, which Docker takes whatever it is called.
  test.each([
    [{ SecurityOpt: ["foo=bar"] }, 'invalid --security-opt 2: "foo=bar"'],
    [{ Annotations: { "": "c" } }, "invalid Annotations: the empty string is not permitted as an annotation key"],
    [{ Isolation: "hyperv" }, "invalid isolation (hyperv): linux only supports 'default'"],
    [{ UsernsMode: "foo" }, "invalid user namespace mode: foo"],
  ])("refuses %j", (host, message) => {
    expect(() => shown(host)).toThrow(message);
  });
});
