import { describe, expect, test } from "bun:test";
import { chooseBridgeCidr } from "./bridge-cidr.ts";

describe("chooseBridgeCidr()", () => {
  test("takes Docker's first pool on a machine with nothing but its own network", () => {
    expect(chooseBridgeCidr(["0.0.0.0/0", "192.0.2.0/24"])).toBe("172.17.0.1/16");
  });

  test("skips what any route overlaps, larger or smaller", () => {
    expect(chooseBridgeCidr(["172.17.0.0/16", "172.18.3.0/24"])).toBe("172.19.0.1/16");
    expect(chooseBridgeCidr(["172.16.0.0/12", "192.168.0.0/24"])).toBe("192.168.16.1/20");
  });

  test("cuts the ranges that it is given, in their order", () => {
    const ranges = [
      { base: "10.9.0.0/23", size: 24 },
      { base: "10.8.0.0/16", size: 16 },
    ];
    expect(chooseBridgeCidr([], ranges)).toBe("10.9.0.1/24");
    expect(chooseBridgeCidr(["10.9.0.0/25"], ranges)).toBe("10.9.1.1/24");
    expect(chooseBridgeCidr(["10.9.0.0/23"], ranges)).toBe("10.8.0.1/16");
    expect(() => chooseBridgeCidr(["10.0.0.0/8"], ranges)).toThrow("fully subnetted");
    expect(() => chooseBridgeCidr([], [{ base: "10.0.0.0/16", size: 8 }])).toThrow("networks of /8 cannot be cut from it");
  });

  test("says so when every pool is in use", () => {
    expect(() => chooseBridgeCidr(["172.16.0.0/12", "192.168.0.0/16"])).toThrow("all predefined address pools have been fully subnetted");
  });
});
