import { describe, expect, test } from "bun:test";
import { hostsFile } from "./hosts-file.ts";

const standing = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

describe("hostsFile()", () => {
  test("of a container without an address names no host of its own", () => {
    expect(hostsFile({ hostname: "bar", domainname: "foo" })).toBe(standing);
  });

  test("has the full name, then the part before the first dot", () => {
    const line = (hostname: string, domainname?: string): string =>
      hostsFile({ hostname, address: "172.17.0.3", ...(domainname !== undefined && { domainname }) }).slice(standing.length);
    expect(line("bar")).toBe("172.17.0.3\tbar\n");
    expect(line("bar", "")).toBe("172.17.0.3\tbar\n");
    expect(line("bar", "foo")).toBe("172.17.0.3\tbar.foo bar\n");
    expect(line("a.b.c")).toBe("172.17.0.3\ta.b.c a\n");
    expect(line("a.b.c", "dd")).toBe("172.17.0.3\ta.b.c.dd a\n");
  });

  test("has extra hosts before the own name", () => {
    const extra = [
      { name: "x", address: "1.2.3.4" },
      { name: "y", address: "172.17.0.1" },
    ];
    expect(hostsFile({ hostname: "h", address: "172.17.0.3", extra })).toBe(`${standing}1.2.3.4\tx\n172.17.0.1\ty\n172.17.0.3\th\n`);
  });
});
