import { expect, test } from "bun:test";
import { portText } from "./port-text.ts";

const port = (IP: string, PrivatePort: number, PublicPort: number, Type = "tcp"): Parameters<typeof portText>[0][number] =>
  IP === "" ? { PrivatePort, Type } : { IP, PrivatePort, PublicPort, Type };

test.each([
  [[], ""],
  [[port("", 99, 0)], "99/tcp"],
  [[port("0.0.0.0", 80, 8080)], "0.0.0.0:8080->80/tcp"],
  [[port("", 80, 0), port("", 81, 0), port("", 83, 0), port("", 81, 0, "udp")], "80-81/tcp, 83/tcp, 81/udp"],
  [
    [port("::", 80, 8080), port("0.0.0.0", 80, 8080), port("0.0.0.0", 9001, 9001), port("0.0.0.0", 9000, 9000), port("127.0.0.1", 81, 81)],
    "127.0.0.1:81->81/tcp, 0.0.0.0:9000-9001->9000-9001/tcp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp",
  ],
])("portText() joins neighbours: %j", (ports, text) => {
  expect(portText(ports)).toBe(text);
});
