import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fault } from "#base";
import { hasCode, KernelError } from "./kernel-error.ts";
import { errorOf, failureOf } from "./kernel-failure.ts";

/** An error as it comes out on the other side. */
const crossed = (error: unknown): Error => errorOf(structuredClone(failureOf(error)));

test("errorOf(failureOf()) keeps the kernel's code, whether our calls or node:fs met it", () => {
  expect(hasCode(crossed(new KernelError("openat", 2, "/x")), "ENOENT")).toBe(true);
  let refusal: unknown;
  try {
    readFileSync("/none/such");
  } catch (error) {
    refusal = error;
  }
  expect(hasCode(crossed(refusal), "ENOENT")).toBe(true);
  expect(crossed(refusal).message).toBe("open /none/such: ENOENT");
});

test("errorOf(failureOf()) keeps a fault, and the words of anything else", () => {
  expect(crossed(fault("conflict", "taken"))).toMatchObject({ fault: "conflict", message: "taken" });
  expect(crossed(new Error("a bug")).message).toStartWith("a bug\n");
});
