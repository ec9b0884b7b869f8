import { expect, test } from "bun:test";
import { AddressPool } from "./address-pool.ts";
import { formatIpv4, parseCidr, parseIpv4 } from "./ipv4.ts";

const number = (text: string): number => parseIpv4(text) ?? -1;

test("take() gives the lowest free address and skips what is reserved", () => {
  const pool = new AddressPool(parseCidr("10.1.0.1/24"), [number("10.1.0.1"), number("10.1.0.3")]);
  const taken = [pool.take(), pool.take()];
  expect(taken.map(formatIpv4)).toEqual(["10.1.0.2", "10.1.0.4"]);
  pool.release(number("10.1.0.2"));
  expect(formatIpv4(pool.take())).toBe("10.1.0.2");
});

test("take() never gives the network's own or its broadcast address, and says which network is full", () => {
  const pool = new AddressPool(parseCidr("10.1.0.1/30"), [number("10.1.0.1")]);
  expect(formatIpv4(pool.take())).toBe("10.1.0.2");
  expect(() => pool.take()).toThrow("no available IPv4 addresses on this network's address pools: bridge (10.1.0.0/30)");
});

test("reserve() leaves addresses of other networks alone", () => {
  const pool = new AddressPool(parseCidr("10.1.0.0/29"), [number("10.2.0.1"), number("10.1.0.1")]);
  expect(formatIpv4(pool.take())).toBe("10.1.0.2");
});

test("take() stays within the range that it was given", () => {
  const pool = new AddressPool(parseCidr("10.1.0.1/24"), [], { range: parseCidr("10.1.0.64/30") });
  const taken = Array.from({ length: 4 }, () => formatIpv4(pool.take()));
  expect(taken).toEqual(["10.1.0.64", "10.1.0.65", "10.1.0.66", "10.1.0.67"]);
  expect(() => pool.take()).toThrow("no available IPv4 addresses");
  for (const elsewhere of ["10.2.0.0/24", "10.1.0.0/16"])
    expect(() => new AddressPool(parseCidr("10.1.0.1/24"), [], { range: parseCidr(elsewhere) })).toThrow("no part of the bridge's network");
});
