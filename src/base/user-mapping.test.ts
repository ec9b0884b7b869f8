import { describe, expect, test } from "bun:test";
import { checkIdRanges, formatIdMap, type IdRange, lastId, mappedRoot, parseIdMap, toContainerId, toHostId } from "./user-mapping.ts";

const range = (containerId: number, hostId: number, size: number): IdRange => ({ containerId, hostId, size });
const refusal = (...ranges: readonly IdRange[]): string => {
  try {
    checkIdRanges("users", ranges);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
};

describe("ids through ranges", () => {
  const ranges = [range(0, 100_000, 1000), range(1000, 300_000, 10)];

  test("toHostId() and toContainerId() are each other's opposite, and know no id outside", () => {
    for (const id of [0, 1, 999, 1000, 1009]) expect(toContainerId(ranges, toHostId(ranges, id) ?? -1)).toBe(id);
    expect([toHostId(ranges, 1000), toHostId(ranges, 1010), toContainerId(ranges, 99_999), toContainerId(ranges, 0)]).toEqual([
      300_000,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("parseIdMap() reads what formatIdMap() wrote, and the kernel's own columns", () => {
    expect(parseIdMap(formatIdMap(ranges))).toEqual(ranges);
    expect(parseIdMap("         0          0 4294967295\n")).toEqual([range(0, 0, 4_294_967_295)]);
  });

  test("mappedRoot() is what a container's root is on the host", () => {
    expect(mappedRoot({ uids: ranges, gids: [range(5, 7, 1), range(0, 42, 5)] })).toEqual({ uid: 100_000, gid: 42 });
  });
});

describe("checkIdRanges() (F12)", () => {
  test("takes what the kernel takes", () => {
    expect(refusal(range(0, 100_000, 65_536))).toBe("");
    expect(refusal(range(1, 1, 10), range(0, 100_000, 1))).toBe("");
    expect(refusal(range(0, 1, lastId - 1))).toBe("");
  });

  test("refuses what goes over 32 bits, in either column or by its size", () => {
    for (const wrong of [
      range(0, 2 ** 32, 1),
      range(0, 2 ** 32 - 1, 2),
      range(0, 100_000, 2 ** 32),
      range(0, 1, lastId),
      range(0, 2 ** 53, 1),
    ])
      expect(refusal(wrong)).toMatch(/goes beyond the last id, 4294967293|is no range of ids/);
    for (const wrong of [range(0, -1, 1), range(0, 1, 0), range(0, 0.5, 1), range(Number.NaN, 1, 1)])
      expect(refusal(wrong)).toContain("is no range of ids");
  });

  test("refuses more ranges than the kernel takes, and more text than it reads", () => {
    const many = Array.from({ length: 100_000 }, (_, index) => range(index, 100_000 + index, 1));
    expect(refusal(...many)).toBe("users: 100000 ranges are more than the kernel takes, 339");
    const long = Array.from({ length: 300 }, (_, index) => range(index, 1_000_000_000 + index, 1));
    expect(refusal(...long)).toBe("users: the ranges do not fit into a page");
  });

  test("refuses the host's root, a container without root, and ids that are said twice", () => {
    expect(refusal(range(0, 0, 65_536))).toBe("users: 0:0:65536 holds the host's root");
    expect(refusal(range(1, 100_000, 10))).toBe("users: a container's root, 0, is not mapped");
    expect(refusal()).toBe("users: a container's root, 0, is not mapped");
    expect(refusal(range(0, 100_000, 10), range(9, 200_000, 10))).toBe("users: two ranges hold the container's id 9");
    expect(refusal(range(0, 100_000, 10), range(10, 100_009, 10))).toBe("users: two ranges hold the host's id 100009");
  });
});
