import { describe, expect, test } from "bun:test";
import type { Digest } from "#base";
import { type CachedBlob, planTrim, type Room } from "./trim-blobs.ts";

const GiB = 1024 ** 3;
const plenty = { free: 100 * GiB, whole: 200 * GiB };

function cached(letter: string, usedAt: number, isToBeHadAgain = true): CachedBlob {
  const digest: Digest = `sha256:${letter.repeat(64)}`;
  return { blob: { mediaType: "x", digest, size: GiB }, diffId: digest, isToBeHadAgain, usedAt };
}

function going(room: Room): string {
  const blobs = [cached("c", 3), cached("a", 1), cached("0", 0, false), cached("b", 2)];
  return planTrim(blobs, room)
    .map(({ blob }) => blob.digest.at(-1))
    .join("");
}

describe("planTrim()", () => {
  test.each<readonly [string, Room]>([
    ["", { budget: undefined, disk: plenty }],
    ["", { budget: 4 * GiB, disk: plenty }],
    ["a", { budget: 4 * GiB - 1, disk: plenty }],
    ["ab", { budget: 2 * GiB, disk: plenty }],
    ["abc", { budget: 0, disk: plenty }],
  ])("lets %j go, the oldest first, and never one that nobody else has: %j", (blobs, room) => {
    expect(going(room)).toBe(blobs);
  });

  test.each<readonly [string, Room["disk"]]>([
    ["", { free: 2 * GiB, whole: 200 * GiB }],
    ["a", { free: 2 * GiB - 1, whole: 200 * GiB }],
    ["ab", { free: GiB / 2, whole: 200 * GiB }],
    ["", { free: GiB / 2, whole: 10 * GiB }],
    ["a", { free: GiB / 4, whole: 10 * GiB }],
  ])("lets %j go where a disk has %j", (blobs, disk) => {
    expect(going({ budget: undefined, disk })).toBe(blobs);
  });
});
