import { describe, expect, test } from "bun:test";
import { parseExposedPorts, parsePortBindings } from "./ports.ts";

const bind = (port: string, ...hostPorts: readonly string[]): ReturnType<typeof parsePortBindings> =>
  parsePortBindings(new Map([[port, hostPorts.map((HostPort) => ({ HostIp: "", HostPort }))]]));

describe("parsePortBindings()", () => {
  test("takes ranges to choose from, and sctp", () => {
    const port = { containerPort: 80, protocol: "sctp" as const, hostIp: "" };
    expect(bind("80/SCTP", "8000-8002", "9000-9000")).toEqual([
      { ...port, hostPort: 8000, hostPortEnd: 8002, hostPortText: "8000-8002" },
      { ...port, hostPort: 9000, hostPortText: "9000-9000" },
    ]);
  });

  // Recorded from Docker 28.5.2.
  test.each([
    ["80/tcp", "9002-9000", 'invalid port specification: "9002-9000"'],
    ["80/tcp", "99999", 'invalid port specification: "99999"'],
    ["80/tcp", "80-", 'invalid port specification: "80-"'],
    ["80/tcp", "x", 'invalid port specification: "x"'],
    ["8000-8002/tcp", "9000-9002", 'invalid port specification: "8000-8002"'],
  ])("refuses %s on %s in Docker's words", (port, host, words) => {
    expect(() => bind(port, host)).toThrow(words);
  });
});

test("parseExposedPorts() names each port of a range", () => {
  expect(["80", "80/UDP", "70-72/sctp"].flatMap(parseExposedPorts)).toEqual(["80/tcp", "80/udp", "70/sctp", "71/sctp", "72/sctp"]);
  for (const text of ["72-70/tcp", "70-99999", "x", "80/foo", "0", "80/tcp/udp"])
    expect(() => parseExposedPorts(text)).toThrow("invalid port specification: ");
});
