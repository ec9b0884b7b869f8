import { describe, expect, test } from "bun:test";
import { closeSync } from "node:fs";
import { succeed } from "../../../test/support/command.ts";
import { openNamespace } from "./net-namespace.ts";
import {
  attribute,
  bigEndian,
  listAttributes,
  nested,
  netlinkFamily,
  NetlinkSocket,
  readAttributes,
  textOf,
  zeroTerminated,
} from "./netlink.ts";
import { deleteLink, getLink, listLinks, listRoutes, readLink } from "./rtnetlink.ts";

describe("readAttributes()", () => {
  test("reads what attribute() and nested() write, padding or not", () => {
    const bytes = nested(7, attribute(1, zeroTerminated("gantry")), attribute(2, bigEndian(0x1f90, 2)));
    const inner = readAttributes(readAttributes(bytes).get(7) ?? new Uint8Array());
    expect([textOf(inner.get(1) ?? new Uint8Array()), inner.get(2)]).toEqual(["gantry", new Uint8Array([0x1f, 0x90])]);
    expect(bytes.length % 4).toBe(0);
  });

  test("ends at an attribute that is longer than what is left, or shorter than its own head", () => {
    const good = attribute(1, new Uint8Array([9, 9, 9, 9]));
    for (const bad of [[200, 0, 1, 0, 0, 0, 0, 0], [3, 0, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0], [8]]) {
      expect(listAttributes(new Uint8Array([...good, ...bad])).map(([type]) => type)).toEqual([1]);
    }
  });
});

describe("NetlinkSocket", () => {
  test("request() gives the answer to each message of a batch", () => {
    using socket = NetlinkSocket.open(netlinkFamily.route);
    const links = socket.request([getLink("lo"), getLink("lo")]).map(readLink);
    expect(links.map((link) => link?.name)).toEqual(["lo", "lo"]);
    expect(links[0]?.index).toBe(1);
  });

  test("request() carries out the messages behind one that failed, and throws what failed with its subject", () => {
    using socket = NetlinkSocket.open(netlinkFamily.route);
    expect(() => socket.request([deleteLink("gtnosuchlink"), getLink("lo")])).toThrow("netlink gtnosuchlink: ENODEV");
    expect(socket.request([getLink("lo")]).map((answer) => readLink(answer)?.name)).toEqual(["lo"]);
  });

  test("dump() lists every interface of the machine", () => {
    using socket = NetlinkSocket.open(netlinkFamily.route);
    const names = listLinks(socket).map((link) => link.name);
    expect(names).toContain("lo");
    expect(new Set(names).size).toBe(names.length);
  });

  test("dump() asks anew when links come and go meanwhile", async () => {
    const { namespaceFd, netlinkFd } = openNamespace(undefined);
    const inside = ["nsenter", `--net=/proc/${process.pid}/fd/${namespaceFd}`];
    const standing = Array.from({ length: 100 }, (_, index) => `link add still${index} type bridge`);
    await succeed([...inside, "ip", "-batch", "-"], { stdin: standing.join("\n") });
    const comeAndGo = "while :; do echo link add comes type bridge; echo link delete comes; done | ip -batch -";
    await using changes = Bun.spawn([...inside, "setsid", "sh", "-c", comeAndGo], { stdio: ["ignore", "ignore", "ignore"] });
    try {
      using socket = new NetlinkSocket(netlinkFd);
      const dumps = Array.from({ length: 100 }, () => listLinks(socket).filter(({ name }) => name.startsWith("still")).length);
      expect(new Set(dumps)).toEqual(new Set([100]));
      expect(changes.exitCode).toBeNull();
    } finally {
      process.kill(-changes.pid, "SIGKILL");
      closeSync(namespaceFd);
    }
  }, 30_000);

  test("dump() of routes has no loopback route, which stands in another table", () => {
    using socket = NetlinkSocket.open(netlinkFamily.route);
    expect(listRoutes(socket).filter(({ address }) => address >>> 24 === 127)).toEqual([]);
  });
});
