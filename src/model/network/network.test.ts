import { expect, test } from "bun:test";
import { findNetwork, type Network } from "./network.ts";

const networkOf = (name: string, id: string): Network => ({ name, id, driver: "bridge", created: 1n });
// The second is named by the beginning of the first's id.
const networks = [networkOf("bridge", "ab11"), networkOf("ab1", "ab22"), networkOf("ab22", "cc33")];

test("findNetwork() takes a name before an id, and an id before the beginning of one", () => {
  const found = ["bridge", "ab1", "ab22", "ab11", "c"].map((reference) => findNetwork(networks, reference).id);
  expect(found).toEqual(["ab11", "ab22", "cc33", "ab11", "cc33"]);
});

test("findNetwork() refuses what names none or several, in Docker's words", () => {
  expect(() => findNetwork(networks, "nobody")).toThrow("network nobody not found");
  expect(() => findNetwork(networks, "")).toThrow("network  not found");
  expect(() => findNetwork(networks, "ab")).toThrow("network ab is ambiguous (2 matches found based on ID prefix)");
});
