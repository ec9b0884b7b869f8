import { expect, test } from "bun:test";
import { decodeMutants } from "../support/tar-mutants.ts";

test("I37 ten million damaged archives: none does harm, and none takes a second", () => {
  const { read, refused, slowest } = decodeMutants(0, 10_000_000);
  expect(read).toBeGreaterThan(1_000_000);
  expect(refused).toBeGreaterThan(1_000_000);
  expect(slowest).toBeLessThan(1_000);
}, 3_600_000);
