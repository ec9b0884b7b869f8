import { describe, expect, test } from "bun:test";
import { checkSubnets, chooseSubnet, gatewayOf, refuseOverlap } from "./subnets.ts";

const outcome = (act: () => unknown): string => {
  try {
    act();
    return "accepted";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe("checkSubnets() says in Docker's words what is wrong with", () => {
  test.each([
    [{ subnet: "10.0.0.0/24", range: "10.0.0.128/25", gateway: "10.0.0.9", reserved: { a: "10.0.0.5" } }, "accepted"],
    [{ subnet: "foo" }, "invalid network config:\ninvalid subnet foo: invalid CIDR block notation"],
    [{ subnet: "10.0.3.1/24" }, "invalid network config:\ninvalid subnet 10.0.3.1/24: it should be 10.0.3.0/24"],
    [
      { subnet: "10.0.0.0/24", gateway: "10.1.0.1" },
      "invalid network config:\ninvalid gateway 10.1.0.1: parent subnet 10.0.0.0/24 doesn't contain this address",
    ],
    [
      { subnet: "10.0.0.0/24", range: "10.1.0.0/28" },
      "invalid network config:\ninvalid ip-range 10.1.0.0/28: parent subnet 10.0.0.0/24 doesn't contain ip-range",
    ],
    [
      { subnet: "10.0.0.0/24", reserved: { a: "10.1.0.2" } },
      "invalid network config:\ninvalid auxiliary address a: parent subnet 10.0.0.0/24 doesn't contain this address",
    ],
    [{ subnet: "10.0.0.0/31" }, "invalid network config:\ninvalid subnet 10.0.0.0/31: a network of /31 has no room for containers"],
  ])("%j", (subnet, text) => {
    expect(outcome(() => checkSubnets([subnet]))).toBe(text);
  });
});

test("chooseSubnet() passes over what routes and networks have, and tells who holds the space when none is left", () => {
  const others = [{ name: "one", subnets: [{ subnet: "172.18.0.0/16" }] }];
  expect(chooseSubnet(["0.0.0.0/0", "172.17.4.0/24"], others, [])).toEqual({
    subnet: "172.19.0.0/16",
    gateway: "172.19.0.1",
    isChosen: true,
  });
  const pools = [{ base: "10.9.0.0/23", size: 24 }];
  const full = [
    { name: "a", subnets: [{ subnet: "10.9.0.0/24" }] },
    { name: "b", subnets: [{ subnet: "10.9.1.0/25" }] },
  ];
  expect(outcome(() => chooseSubnet(["10.0.0.0/16"], full, pools))).toBe(
    "all predefined address pools have been fully subnetted: network a has 10.9.0.0/24; network b has 10.9.1.0/25; a route of the host leads to 10.0.0.0/16",
  );
});

test("refuseOverlap() refuses what shares an address with a network", () => {
  const others = [{ name: "one", subnets: [{ subnet: "10.9.0.0/24" }] }];
  expect(outcome(() => refuseOverlap({ subnet: "10.9.0.128/25" }, others))).toBe(
    "invalid pool request: Pool overlaps with other one on this address space",
  );
  expect(outcome(() => refuseOverlap({ subnet: "10.9.1.0/24" }, others))).toBe("accepted");
});

test("gatewayOf() is the one that was asked for, else the first of the range that nobody has", () => {
  expect(gatewayOf({ subnet: "10.9.0.0/24", gateway: "10.9.0.77" })).toBe("10.9.0.77");
  expect(gatewayOf({ subnet: "10.9.0.0/24", reserved: { a: "10.9.0.1" } })).toBe("10.9.0.2");
  // As Docker has it: within a range the first address is as good as any.
  expect(gatewayOf({ subnet: "10.60.0.0/16", range: "10.60.5.0/24" })).toBe("10.60.5.0");
});
