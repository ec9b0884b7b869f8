import { describe, expect, test } from "bun:test";
import { asksStubOnly, resolvConf } from "./resolv-conf.ts";

const body = (text: string): string => text.split("\n").slice(4).join("\n");
const mixed = `# a comment
search x
nameserver ::1
nameserver 127.0.0.1
nameserver 9.9.9.9
nameserver fe80::1%eth0
nameserver 2001:4860:4860::8888
sortlist 1.2.3.4
; another
domain foo
nameserver 1.1.1.1
bogus line
options a:1
options ndots:3 rotate
nameserver bad
search last one
`;

describe("resolvConf()", () => {
  test("for a bridge keeps what a container can reach and gathers search and options", () => {
    expect(body(resolvConf(mixed, "bridge"))).toBe(`nameserver 9.9.9.9
nameserver 1.1.1.1
search last one
options a:1 ndots:3 rotate
sortlist 1.2.3.4
bogus line

# Based on host file: '/etc/resolv.conf' (legacy)
# Invalid nameservers: [bad]
# Overrides: []
# Option ndots from: host
`);
  });

  test("for host keeps every name server in its order", () => {
    const servers = resolvConf(mixed, "host").match(/^nameserver .*$/gm);
    expect(servers?.map((line) => line.slice(11))).toEqual([
      "::1",
      "127.0.0.1",
      "9.9.9.9",
      "fe80::1%eth0",
      "2001:4860:4860::8888",
      "1.1.1.1",
    ]);
    expect(resolvConf(mixed, "host")).toContain("# Based on host file: '/etc/resolv.conf'\n");
  });

  test("falls back to public servers where only loopback is left, but not for host", () => {
    const stub = "nameserver 127.0.0.53\nsearch a b\noptions edns0 ndots:2 # c\n";
    expect(body(resolvConf(stub, "none"))).toBe(`nameserver 8.8.8.8
nameserver 8.8.4.4
search a b
options edns0 ndots:2 # c

# Based on host file: '/etc/resolv.conf' (legacy)
# Used default nameservers.
# Overrides: []
# Option ndots from: host
`);
    expect(body(resolvConf("", "bridge"))).toStartWith("nameserver 8.8.8.8\nnameserver 8.8.4.4\n\n#");
    expect(body(resolvConf("", "host"))).toBe("\n# Based on host file: '/etc/resolv.conf'\n# Overrides: []\n");
  });

  test("takes what was said in place of the host's, each kind for itself", () => {
    const overrides = { servers: ["127.0.0.9"], search: ["."], options: [] };
    const text = "nameserver 9.9.9.9\nsearch a\noptions ndots:2";
    expect(body(resolvConf(text, "bridge", { overrides }))).toBe(`nameserver 127.0.0.9
options ndots:2

# Based on host file: '/etc/resolv.conf' (legacy)
# Overrides: [nameservers search]
# Option ndots from: host
`);
    const other = { servers: [], search: ["b"], options: ["ndots:9"] };
    expect(body(resolvConf(text, "host", { overrides: other }))).toBe(`nameserver 9.9.9.9
search b
options ndots:9

# Based on host file: '/etc/resolv.conf'
# Overrides: [search options]
# Option ndots from: override
`);
  });

  test("names the file it was made from", () => {
    expect(resolvConf("nameserver 9.9.9.9", "bridge", { hostPath: "/run/x" })).toContain("# Based on host file: '/run/x' (legacy)\n");
  });
});

test("asksStubOnly() is true for systemd's stub alone", () => {
  const texts = ["nameserver 127.0.0.53\n", "nameserver 127.0.0.53\nnameserver 9.9.9.9\n", "nameserver 127.0.0.1\n", ""];
  expect(texts.map(asksStubOnly)).toEqual([true, false, false, false]);
});
