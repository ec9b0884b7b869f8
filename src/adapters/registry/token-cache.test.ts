import { expect, test } from "bun:test";
import { TokenCache } from "./token-cache.ts";

test("TokenCache gives a token as long as it holds, less the time that it needs to arrive", () => {
  let now = 0;
  const cache = new TokenCache(() => now);
  cache.set("a", "Bearer 1", 60);
  now = 54_999;
  expect(cache.get("a")).toBe("Bearer 1");
  now = 55_000;
  expect(cache.get("a")).toBeUndefined();
});

test("TokenCache forgets the oldest when there are too many", () => {
  const cache = new TokenCache(() => 0);
  for (let number = 0; number < 300; number += 1) cache.set(`${number}`, `Bearer ${number}`, 60);
  expect([cache.get("43"), cache.get("44"), cache.get("299")]).toEqual([undefined, "Bearer 44", "Bearer 299"]);
});
