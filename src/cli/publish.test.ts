import { describe, expect, test } from "bun:test";
import { parseExposed, parsePublished } from "./publish.ts";

describe("parsePublished()", () => {
  test.each([
    ["80", { "80/tcp": [{ HostIp: "", HostPort: "" }] }],
    ["8080:80", { "80/tcp": [{ HostIp: "", HostPort: "8080" }] }],
    ["127.0.0.1:53:53/udp", { "53/udp": [{ HostIp: "127.0.0.1", HostPort: "53" }] }],
    ["127.0.0.1::80", { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] }],
    ["[::1]:80:80", { "80/tcp": [{ HostIp: "::1", HostPort: "80" }] }],
    ["8000-8010:80", { "80/tcp": [{ HostIp: "", HostPort: "8000-8010" }] }],
    ["9000-9001:1-2", { "1/tcp": [{ HostIp: "", HostPort: "9000" }], "2/tcp": [{ HostIp: "", HostPort: "9001" }] }],
  ])("reads %p", (spec, bindings) => {
    expect(parsePublished([spec])).toEqual({
      PortBindings: bindings,
      ExposedPorts: Object.fromEntries(Object.keys(bindings).map((key) => [key, {}])),
    });
  });

  test("keeps several bindings of one port", () => {
    expect(parsePublished(["1:80", "2:80"]).PortBindings).toEqual({
      "80/tcp": [
        { HostIp: "", HostPort: "1" },
        { HostIp: "", HostPort: "2" },
      ],
    });
  });

  test.each([
    ["abc", "Invalid containerPort: abc"],
    ["99999:80", "invalid hostPort: 99999"],
    ["80/foo", "invalid proto: foo"],
    [":", "no port specified: :<empty>"],
    ["300.1.1.1:3:5", "invalid IP address: 300.1.1.1"],
    ["1-2:3-5", "invalid ranges specified for container and host Ports: 3-5 and 1-2"],
    ["2-1", "Invalid containerPort: 2-1"],
  ])("refuses %p", (spec, message) => {
    expect(() => parsePublished([spec])).toThrow(message);
  });
});

test("parseExposed() reads ports and ranges, and refuses others in Docker's words", () => {
  expect(Object.keys(parseExposed(["80", "90-91/udp", "1/foo"]))).toEqual(["80/tcp", "90/udp", "91/udp", "1/foo"]);
  const refusals = [
    ["80:80", "invalid port format for --expose: 80:80"],
    ["x", 'invalid range format for --expose: x, error: strconv.ParseUint: parsing "x": invalid syntax'],
    ["90-80", "invalid range format for --expose: 90-80, error: Invalid range specified for the Port: 90-80"],
    ["70000", 'invalid range format for --expose: 70000, error: strconv.ParseUint: parsing "70000": value out of range'],
    ["", "invalid range format for --expose: , error: Empty string specified for ports."],
  ] as const;
  for (const [text, words] of refusals) expect(() => parseExposed([text])).toThrow(words);
});
